//! Words as somebody typed them, in which addresses of the web can be pressed. What is pressed is what is read: no
//! address hides behind other words.

use linkify::{LinkFinder, LinkKind};
use maud::{Markup, html};

/// Only of the web: whoever reads it is led nowhere else by another's words.
fn is_of_the_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

pub fn linked(text: &str) -> Markup {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(true);
    html! {
        @for span in finder.spans(text) {
            @if span.kind().is_some() && is_of_the_web(span.as_str()) {
                a href=(span.as_str()) target="_blank" rel="noopener noreferrer nofollow ugc" { (span.as_str()) }
            } @else {
                (span.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_web_are_links_and_nothing_else_is() {
        let check = |text: &str, want: &str| assert_eq!(linked(text).into_string(), want, "{text}");
        let link = |address: &str| {
            format!(r#"<a href="{address}" target="_blank" rel="noopener noreferrer nofollow ugc">{address}</a>"#)
        };
        check("Nothing here.\nNor <b>here</b>.", "Nothing here.\nNor &lt;b&gt;here&lt;/b&gt;.");
        check(
            "See https://court.example/a_(b)?c=d, please.",
            &format!("See {}, please.", link("https://court.example/a_(b)?c=d")),
        );
        check("(http://a.example.)", &format!("({}.)", link("http://a.example")));
        check(r#"https://a.example/"onclick=x"#, &format!("{}&quot;onclick=x", link("https://a.example/")));
        check("https://a.example/?a=1&b=2", &link("https://a.example/?a=1&amp;b=2"));
        for other in ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/b", "www.a.example", "mail@a.example"]
        {
            assert!(!linked(other).into_string().contains("<a"), "{other}");
        }
    }
}
