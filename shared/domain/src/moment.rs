//! The instant and the ids of one request or message, made once at the edge and passed down.

use jiff::Timestamp;

/// What a decision may know of the world outside: when it is, and fresh random bits.
pub struct Moment {
    pub now: Timestamp,
    random: Box<dyn FnMut() -> u128 + Send>,
}

impl Moment {
    /// `random` yields 128 fresh random bits a call.
    pub fn new(now: Timestamp, random: impl FnMut() -> u128 + Send + 'static) -> Self {
        Self { now, random: Box::new(random) }
    }

    /// The bits of a new ULID: 48 bits of milliseconds, 80 random ones.
    pub fn next_id(&mut self) -> u128 {
        let milliseconds = u128::try_from(self.now.as_millisecond()).unwrap_or(0) & ((1 << 48) - 1);
        (milliseconds << 80) | ((self.random)() & ((1 << 80) - 1))
    }

    /// 128 random bits, for secrets such as link tokens and codes.
    pub fn next_random(&mut self) -> u128 {
        (self.random)()
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Moment({})", self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FirmId;

    #[test]
    fn an_id_carries_its_instant() {
        let mut moment = Moment::new(Timestamp::from_millisecond(1_469_918_176_385).unwrap(), || u128::MAX);
        assert_eq!(FirmId::from_bits(moment.next_id()).as_str(), "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
    }
}
