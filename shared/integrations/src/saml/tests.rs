//! Responses that a provider writes are accepted, and nothing that somebody else makes of one.

mod attacks;
mod made;
mod valid;
mod wrapping;
