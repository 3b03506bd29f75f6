//! What operators do with firms: close one and open it again, see how much it uses, and, in an emergency, be admitted to
//! one client of it for a short while.

use serde::{Deserialize, Serialize};

use crate::firm::FirmState;
use crate::person::{FieldRefused, Fields};
use crate::text::reorders_or_controls;
use crate::{ClientId, Date, PersonId, Timestamp, limits};

/// Why something is done to a firm, as its partners will read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReasonRefused {
    #[error("Say why, in at least {characters_min} characters. The firm's partners will read it.")]
    TooShort { characters_min: usize },
    #[error("Use at most {characters_max} characters.")]
    TooLong { characters_max: usize },
    #[error("Write it as one paragraph, without control characters.")]
    ControlCharacter,
}

impl Reason {
    pub fn parse(text: &str) -> Result<Self, ReasonRefused> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (characters_min, characters_max) = (limits::REASON_CHARACTERS_MIN, limits::REASON_CHARACTERS_MAX);
        match text.chars().count() {
            count if count < characters_min => Err(ReasonRefused::TooShort { characters_min }),
            count if count > characters_max => Err(ReasonRefused::TooLong { characters_max }),
            _ if text.chars().any(reorders_or_controls) => Err(ReasonRefused::ControlCharacter),
            _ => Ok(Self(text)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = ReasonRefused;
    fn try_from(text: String) -> Result<Self, ReasonRefused> {
        Self::parse(&text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.0
    }
}

/// The number of the request for help that an admission answers. It becomes a tag of credentials, so its letters are
/// fewer than AWS takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Ticket(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter the ticket's number: up to {} letters, digits, dashes, dots or slashes.", limits::TICKET_CHARACTERS_MAX)]
pub struct TicketRefused;

impl Ticket {
    pub fn parse(text: &str) -> Result<Self, TicketRefused> {
        let text = text.trim();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
        let whole = (1..=limits::TICKET_CHARACTERS_MAX).contains(&text.len()) && text.bytes().all(fits);
        if whole { Ok(Self(text.to_owned())) } else { Err(TicketRefused) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Ticket {
    type Error = TicketRefused;
    fn try_from(text: String) -> Result<Self, TicketRefused> {
        Self::parse(&text)
    }
}

impl From<Ticket> for String {
    fn from(ticket: Ticket) -> String {
        ticket.0
    }
}

/// What an operator orders for a firm that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    Suspend,
    Resume,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TurnRefused {
    #[error("This firm is being set up. Wait until it is ready.")]
    NotThere,
    #[error("This firm is suspended already.")]
    Suspended,
    #[error("This firm is not suspended.")]
    NotSuspended,
}

impl Turn {
    pub fn as_str(self) -> &'static str {
        match self {
            Turn::Suspend => "suspend",
            Turn::Resume => "resume",
        }
    }

    /// What a firm in this state becomes.
    pub fn of(self, state: FirmState) -> Result<FirmState, TurnRefused> {
        match (self, state) {
            (_, FirmState::Ordered) => Err(TurnRefused::NotThere),
            (Turn::Suspend, FirmState::Active) => Ok(FirmState::Suspended),
            (Turn::Suspend, FirmState::Suspended) => Err(TurnRefused::Suspended),
            (Turn::Resume, FirmState::Suspended) => Ok(FirmState::Active),
            (Turn::Resume, FirmState::Active) => Err(TurnRefused::NotSuspended),
        }
    }
}

/// How much of the portal a firm used on a day: numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Usage {
    #[schemars(with = "String")]
    pub day: Date,
    /// People with access, of the firm and of its clients, each once.
    pub people: u64,
    /// Clients, without those that are archived.
    pub clients: u64,
    /// Documents that were filed.
    pub documents: u64,
    /// Of those documents.
    pub bytes: u64,
    /// Since when these are the numbers.
    #[schemars(with = "String")]
    pub counted_at: Timestamp,
}

/// An admission to ask for, as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdmission {
    pub firm: String,
    /// The client's id, or the address of one of its pages as somebody of the firm sent it.
    pub client: String,
    pub reason: String,
    pub ticket: String,
    /// For how long, in minutes.
    pub minutes: String,
}

/// A parsed request to be admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionOrder {
    pub client: ClientId,
    pub reason: Reason,
    pub ticket: Ticket,
    pub minutes: u32,
}

impl AdmissionOrder {
    pub fn parse(new: &NewAdmission) -> Result<(crate::FirmId, Self), Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let firm = crate::FirmId::parse(new.firm.trim()).ok();
        if firm.is_none() {
            fields.refuse("firm", "Choose a firm of the list.");
        }
        let client = client_in(&new.client);
        if client.is_none() {
            fields.refuse("client", "Enter the client's id, or the address of one of its pages.");
        }
        let reason = fields.take("reason", Reason::parse(&new.reason));
        let ticket = fields.take("ticket", Ticket::parse(&new.ticket));
        let minutes = new.minutes.trim().parse::<u32>().ok();
        let minutes = minutes.filter(|minutes| (1..=limits::ADMISSION_MINUTES_MAX).contains(minutes));
        if minutes.is_none() {
            let words = format!("Choose between 1 and {} minutes.", limits::ADMISSION_MINUTES_MAX);
            fields.refuse("minutes", words);
        }
        match (firm, client, reason, ticket, minutes) {
            (Some(firm), Some(client), Some(reason), Some(ticket), Some(minutes)) => {
                Ok((firm, Self { client, reason, ticket, minutes }))
            }
            _ => Err(fields.refused()),
        }
    }
}

/// An operator knows no client by name: the firm sends an id, or an address that has one in it.
fn client_in(text: &str) -> Option<ClientId> {
    let text = text.trim();
    if let Ok(client) = ClientId::parse(text) {
        return Some(client);
    }
    let (_, rest) = text.split_once("/clients/")?;
    ClientId::parse(rest.split(['/', '?', '#']).next()?).ok()
}

/// How far an admission is, as the platform has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdmissionState {
    /// Nothing can be read yet: it is being written into the client's audit.
    Asked,
    Open,
    /// The operator ended it; the firm's side is told.
    Ending,
    Ended,
    /// There is no such client, or nobody got to it in time.
    Refused,
}

impl AdmissionState {
    pub fn as_str(self) -> &'static str {
        match self {
            AdmissionState::Asked => "asked",
            AdmissionState::Open => "open",
            AdmissionState::Ending => "ending",
            AdmissionState::Ended => "ended",
            AdmissionState::Refused => "refused",
        }
    }
}

/// Who ended an admission before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    Operator,
    Partner,
}

/// Whether an admission lets this person in: it is theirs, its time has not passed, and nobody ended it.
pub fn admits(by: &PersonId, until: Timestamp, ended: bool, asks: &PersonId, now: Timestamp) -> bool {
    by == asks && !ended && now < until
}

#[cfg(test)]
mod tests;
