//! Actors and the scopes they are given.

use std::marker::PhantomData;

use crypto::{BearerToken, SessionToken};
use domain::audit::Who;
use domain::document::Viewer;
use domain::permissions::{BreakGlass, Permission, Reach, ViewHome};
use domain::{AdmissionId, ClientId, FirmId, PermissionName, PersonId, Role, SessionId, Timestamp};

use crate::grant::{Grant, Keys, Vended};
use crate::vendor::{Denied, Lease, OfFirm, ReachKey, VendRequest, Vendor};

/// Somebody who presented a session or a personal token. Whether it is one is found out when it asks for a scope.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The hash of what was presented.
    shown: String,
    bearer: bool,
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// A scope that a person holds.
pub trait OnePerson: sealed::Sealed + Sync {
    fn lease(&self) -> &Lease;

    fn vended(&self) -> &Vended {
        &self.lease().vended
    }
    fn firm(&self) -> &FirmId {
        &self.vended().grant.firm
    }
    fn person(&self) -> &PersonId {
        &self.vended().grant.person
    }
    fn role(&self) -> Role {
        self.vended().grant.role
    }
    /// Whether the person may also do this, for what a page offers. Doing it takes a scope of its own.
    fn may(&self, name: PermissionName) -> bool {
        self.vended().grant.may(name)
    }
    fn session(&self) -> &SessionId {
        &self.vended().grant.session
    }
    fn who(&self) -> Who {
        self.vended().grant.who()
    }
}

/// A scope of exactly one client: a person's, or a worker's.
pub trait OneClient: sealed::Sealed + Sync {
    fn client(&self) -> &ClientId;
    fn client_firm(&self) -> &FirmId;
    fn keys(&self) -> &Keys;
    fn client_who(&self) -> Who;
    /// As whom it looks at the client's documents. Storage gives no document without asking.
    fn viewer(&self) -> Viewer;
    /// What was granted from a cache and is checked again beside the first read.
    fn unchecked(&self) -> Option<&Grant>;
    /// Staff whose assignment every write checks again.
    fn assignee(&self) -> Option<&PersonId>;
}

impl Actor {
    /// From the session's cookie.
    pub fn of(token: &SessionToken) -> Self {
        Self { shown: token.hash(), bearer: false }
    }

    /// From a personal token. No other fact makes an actor.
    pub fn of_bearer(token: &BearerToken) -> Self {
        Self { shown: token.hash(), bearer: true }
    }

    pub async fn enter<P: Permission>(
        &self,
        client: ClientId,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<ClientScope<P>, Denied> {
        let lease = self.ask::<P>(Reach::Client, Some(client.clone()), vendor, now).await?;
        Ok(ClientScope { client, lease, may: PhantomData })
    }

    /// The objects (originals, text, index) of one client's documents.
    pub async fn enter_objects<P: Permission>(
        &self,
        client: ClientId,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<ObjectsScope<P>, Denied> {
        let lease = self.ask::<P>(Reach::Objects, Some(client.clone()), vendor, now).await?;
        Ok(ObjectsScope { client, lease, may: PhantomData })
    }

    /// Many clients at once, for a search over them; those that are not theirs are left out.
    pub async fn enter_all<P: Permission>(
        &self,
        clients: Vec<ClientId>,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<Vec<ClientScope<P>>, Denied> {
        let requests = clients.iter().map(|client| self.request(Reach::Client, Some(client.clone()))).collect();
        let leases = vendor.vend_all(requests, now).await?;
        let scope = |(client, lease): (ClientId, Result<Lease, Denied>)| {
            let lease = allowed::<P>(lease.ok()?, now).ok()?;
            Some(ClientScope { client, lease, may: PhantomData })
        };
        Ok(clients.into_iter().zip(leases).filter_map(scope).collect())
    }

    /// The objects of many clients at once; those that are not theirs are left out.
    pub async fn enter_all_objects<P: Permission>(
        &self,
        clients: Vec<ClientId>,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<Vec<ObjectsScope<P>>, Denied> {
        let requests = clients.iter().map(|client| self.request(Reach::Objects, Some(client.clone()))).collect();
        let leases = vendor.vend_all(requests, now).await?;
        let scope = |(client, lease): (ClientId, Result<Lease, Denied>)| {
            let lease = allowed::<P>(lease.ok()?, now).ok()?;
            Some(ObjectsScope { client, lease, may: PhantomData })
        };
        Ok(clients.into_iter().zip(leases).filter_map(scope).collect())
    }

    /// The person's own home.
    pub async fn home(&self, vendor: &impl Vendor, now: Timestamp) -> Result<HomeScope, Denied> {
        Ok(FirmScope { lease: self.ask::<ViewHome>(Reach::Home, None, vendor, now).await?, may: PhantomData })
    }

    /// The firm's settings and views, or its audit, as the permission says.
    pub async fn firm<P: Permission>(&self, vendor: &impl Vendor, now: Timestamp) -> Result<FirmScope<P>, Denied> {
        Ok(FirmScope { lease: self.ask::<P>(P::NAME.reach(), None, vendor, now).await?, may: PhantomData })
    }

    pub async fn platform<P: Permission>(
        &self,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<PlatformScope<P>, Denied> {
        Ok(PlatformScope { lease: self.ask::<P>(Reach::Platform, None, vendor, now).await?, may: PhantomData })
    }

    /// The one client of a firm that an operator was admitted to, as long as that is open.
    pub async fn admitted(
        &self,
        firm: FirmId,
        admission: AdmissionId,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<AdmissionScope, Denied> {
        let of = OfFirm { firm: firm.clone(), admission: admission.clone() };
        let request = VendRequest { admission: Some(of), ..self.request(Reach::Admission, None) };
        let lease = allowed::<BreakGlass>(vendor.vend(request, now).await?, now)?;
        let client = lease.vended.grant.client.clone().ok_or(Denied::NotTheirs)?;
        Ok(AdmissionScope { firm, client, admission, lease })
    }

    fn request(&self, reach: Reach, client: Option<ClientId>) -> VendRequest {
        let (session, bearer) = (self.shown.clone(), self.bearer);
        VendRequest { session, bearer, reach: ReachKey::of(reach), client, admission: None }
    }

    async fn ask<P: Permission>(
        &self,
        reach: Reach,
        client: Option<ClientId>,
        vendor: &impl Vendor,
        now: Timestamp,
    ) -> Result<Lease, Denied> {
        let request = self.request(reach, client);
        let mut lease = vendor.vend(request.clone(), now).await?;
        if !lease.vended.grant.may(P::NAME) && !lease.fresh {
            // What was granted meanwhile holds at once, as what was taken does.
            vendor.drop_kept(&request);
            lease = vendor.vend(request, now).await?;
        }
        allowed::<P>(lease, now)
    }
}

/// The lease, if it is enough for the permission: who lacks it is not asked for a proof.
fn allowed<P: Permission>(lease: Lease, now: Timestamp) -> Result<Lease, Denied> {
    let grant = &lease.vended.grant;
    if !grant.may(P::NAME) {
        return Err(Denied::LacksWith(Box::new(lease)));
    }
    if P::NAME.needs_confirmation() && !grant.confirmed(now) {
        return Err(Denied::Unconfirmed);
    }
    Ok(lease)
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* };)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<P> { $($field: $type,)* lease: Lease, may: PhantomData<fn() -> P> }

        impl<P> sealed::Sealed for $name<P> {}
        impl<P> OnePerson for $name<P> {
            fn lease(&self) -> &Lease { &self.lease }
        }
    )*};
}

scopes! {
    /// This person may do `P` for this one client, and holds the only credentials that reach its rows.
    ClientScope { client: ClientId };
    /// This person may do `P` with the objects of this one client's documents.
    ObjectsScope { client: ClientId };
    /// This person may do `P` for the firm, or in the own home; no client's rows by itself.
    FirmScope {};
    /// An operator may do `P` with firms as customers; it becomes no other scope.
    PlatformScope {};
}

/// The person's own home: assignments, cards, sessions.
pub type HomeScope = FirmScope<ViewHome>;

impl<P> ObjectsScope<P> {
    pub fn client(&self) -> &ClientId {
        &self.client
    }
}

impl<P> OneClient for ClientScope<P> {
    fn client(&self) -> &ClientId {
        &self.client
    }
    fn client_firm(&self) -> &FirmId {
        self.firm()
    }
    fn keys(&self) -> &Keys {
        &self.lease.vended.keys
    }
    fn client_who(&self) -> Who {
        self.who()
    }
    fn viewer(&self) -> Viewer {
        self.vended().grant.viewer()
    }
    fn unchecked(&self) -> Option<&Grant> {
        self.lease.unchecked()
    }
    fn assignee(&self) -> Option<&PersonId> {
        self.vended().grant.assigned.then(|| self.person())
    }
}

/// An operator reads one client of a firm, by an admission that is open. Its credentials can write nothing but the event
/// that says so.
#[derive(Debug)]
pub struct AdmissionScope {
    firm: FirmId,
    client: ClientId,
    admission: AdmissionId,
    lease: Lease,
}

impl AdmissionScope {
    pub fn admission(&self) -> &AdmissionId {
        &self.admission
    }
}

impl sealed::Sealed for AdmissionScope {}

impl OnePerson for AdmissionScope {
    fn lease(&self) -> &Lease {
        &self.lease
    }
}

impl OneClient for AdmissionScope {
    fn client(&self) -> &ClientId {
        &self.client
    }
    fn client_firm(&self) -> &FirmId {
        &self.firm
    }
    fn keys(&self) -> &Keys {
        &self.lease.vended.keys
    }
    fn client_who(&self) -> Who {
        self.who()
    }
    // What the firm keeps to itself is no matter of the platform, in no emergency.
    fn viewer(&self) -> Viewer {
        Viewer::Firm { internal: false }
    }
    // No cache keeps it: each request is checked when its credentials are made.
    fn unchecked(&self) -> Option<&Grant> {
        self.lease.unchecked()
    }
    fn assignee(&self) -> Option<&PersonId> {
        None
    }
}
