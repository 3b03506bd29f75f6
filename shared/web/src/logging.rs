//! Log lines: JSON, one at least for every invocation, with ids and never with content.

use std::error::Error;

use lambda_runtime::tracing::subscriber;

/// Called first by every `main.rs`. Fields are flat: `firm.id`, `duration_ms`, `status`.
pub fn start_logging() {
    // The platform stamps each line with its time; spans would only repeat the invocation's id.
    subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .without_time()
        .with_max_level(tracing::Level::INFO)
        .init();
}

/// An error with everything that caused it, outermost first: each says its own part.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let part = inner.to_string();
        // Some libraries repeat their source in their own words.
        if !words.ends_with(&part) {
            words.push_str(": ");
            words.push_str(&part);
        }
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not save")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_chain_says_each_part_once() {
        let error = Outer(std::io::Error::other("disk full"));
        assert_eq!(chain(&error), "could not save: disk full");
    }
}
