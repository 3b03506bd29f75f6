//! A form whose fields may come more than once, such as ticks of one name.

use axum::extract::{FromRequest, Request};

use crate::{App, Failure, Form};

/// A form's fields as they came. The session's form token has been taken out.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field that is there once. One that came twice is as good as none: which of the two the page meant
    /// cannot be told, and the one that was looked at need not be the one that is acted on.
    pub fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        let (_, first) = values.next()?;
        values.next().is_none().then_some(first.as_str())
    }

    /// As [`one`](Self::one), and empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.one(name).unwrap_or_default().to_owned()
    }

    /// Whether a tick or a button of that name was sent.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every value of a name, in the order of the page.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<App> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, app).await?;
        Ok(Self(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_twice_is_nothing_where_one_is_wanted() {
        let pairs = [("name", "One"), ("tick", "a"), ("tick", "b"), ("empty", "")];
        let fields = Fields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        assert_eq!(fields.one("name"), Some("One"));
        assert_eq!(fields.one("empty"), Some(""));
        assert_eq!((fields.one("tick"), fields.one("none")), (None, None));
        assert_eq!(fields.text("tick"), "");
        assert_eq!(fields.all("tick").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((fields.has("tick"), fields.has("none")), (true, false));
    }
}
