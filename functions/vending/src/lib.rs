//! Makes zips of documents for those who asked, in steps that the next run goes on from.
//!
//! A zip is for one reader: who that is stands in its row, what the reader may see is read again while it is made. Of
//! each document the event is committed before its copy is written, in the reader's name and once for each zip, and the
//! copy carries the mark that the firm's rule asks for, as one that is downloaded by itself does.

mod building;
mod kept;

use access::{Fact, Job, JobScope};
use domain::limits;
use domain::notice::ParcelMessage;
use domain::parcel::{Failed, Parcel, State};
use storage::{ClientObjects, ClientStore};
use web::App;
use web::worker::{Message, Outcome};

use building::Building;

pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let asked: ParcelMessage = message.parse()?;
    if asked.v != 1 {
        return Err(Outcome::bury(format!("version {} of a message about a zip", asked.v)));
    }
    let fact = Fact::Parcel { firm: asked.firm.clone(), client: asked.client.clone(), parcel: asked.parcel.clone() };
    let scope = JobScope::enter(Job::Vending, fact, app.aws().vendor(), app.now()).await?;
    let scope = scope.of_client().ok_or_else(|| Outcome::bury("a client that is none"))?;
    let store = ClientStore::open(app.aws(), &scope);
    let objects = ClientObjects::open_for_job(app.aws(), &scope);
    let Some((parcel, list)) = store.zip_to_make(&asked.parcel).await? else { return Ok(()) };
    let Some(reader) = store.reader_of(&parcel).await? else {
        let why = Failed::NotAllowed;
        store.zip_moved(&parcel, Parcel { state: State::Failed { why }, ..parcel.clone() }).await?;
        return Ok(());
    };
    let brand = app.aws().client_brand(&scope, app.now()).await?;
    let mut building = Building::open(&app, &store, &objects, &brand, reader, parcel, list).await?;
    // One that ended the process before is passed over, and nothing before it is done again.
    building.be_careful(message.tries() >= CAREFUL_AT, message.tries() > CAREFUL_AT);
    let ends = app.now().as_second() + limits::ZIP_RUN_SECONDS;
    if let Some(parcel) = building.run(ends).await? {
        app.aws().queues().parcel(&asked, &format!("{}-{}", parcel.id, parcel.version)).await?;
    }
    Ok(())
}

/// Deliveries of one message after which somebody has to suspect what it is about.
const CAREFUL_AT: u32 = 3;
