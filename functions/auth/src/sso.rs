//! Single sign-on: away to a provider and back, and setting providers up.

mod add;
mod answer;
mod change;
mod join;
mod kinds;
mod land;
mod only;
mod refresh;
pub(crate) mod rule;
pub(crate) mod setup;
mod start;

pub(crate) use add::NewConnection;
pub(crate) use kinds::Addresses;
pub(crate) use setup::WithSso;
pub(crate) use start::offered;
