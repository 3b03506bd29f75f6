//! Ticks that are sent one by one where scripts run, and all together by a button where they do not: in a grid, or in a
//! list under each other.

use maud::{Markup, html};

use super::form::csrf_field;

/// A form of ticks.
pub struct Ticks<'a> {
    pub action: &'a str,
    pub csrf: &'a str,
    /// Hidden fields that say what the form shows.
    pub fields: Markup,
    pub body: Markup,
    /// A grid, which phones have no room for: the page shows something else there.
    pub wide: bool,
}

/// One tick sends `cell` and `want`; the whole form its fields and each tick as `on`.
pub fn ticks(view: &Ticks<'_>) -> Markup {
    html! {
        form.ticks.is-wide[view.wide] method="post" action=(view.action) hx-swap="outerHTML" hx-params="csrf,cell,want" {
            (csrf_field(view.csrf))
            (view.fields)
            (view.body)
            noscript { button.button.is-primary type="submit" { span { "Save" } } }
        }
    }
}

/// One tick.
pub struct GridCell<'a> {
    pub value: &'a str,
    pub on: bool,
    /// What it says of whom: "Sam works on Acme".
    pub label: &'a str,
    /// The row and the column say it to those who see them.
    pub quiet: bool,
}

pub fn tick(view: &GridCell<'_>) -> Markup {
    html! {
        @if view.quiet {
            label.tick { (tick_box(view)) span.unseen { (view.label) } }
        } @else {
            label.check { (tick_box(view)) span { (view.label) } }
        }
    }
}

/// The box alone: what comes back in its place when it was sent.
pub fn tick_box(view: &GridCell<'_>) -> Markup {
    let want = if view.on { "no" } else { "yes" };
    let vals = format!(r#"{{"cell":"{}","want":"{want}"}}"#, view.value);
    html! {
        input type="checkbox" id={ "on-" (view.value) } name="on" value=(view.value) checked[view.on] hx-post="" hx-vals=(vals);
    }
}

/// A table whose cells are ticks, with its heads kept in sight.
pub struct Grid<'a> {
    pub caption: &'a str,
    pub corner: &'a str,
    /// Each column's name, and a smaller line under it.
    pub heads: Vec<(String, String)>,
    /// Each row's name and cells.
    pub rows: Vec<(Markup, Vec<Markup>)>,
}

pub fn grid(view: &Grid<'_>) -> Markup {
    html! {
        div.card.grid-card tabindex="0" role="region" aria-label=(view.caption) {
            table.grid {
                caption.unseen { (view.caption) }
                thead {
                    tr {
                        th scope="col" { (view.corner) }
                        @for (name, note) in &view.heads { th scope="col" { (name) span.cell-note { (note) } } }
                    }
                }
                tbody {
                    @for (name, cells) in &view.rows {
                        tr { th scope="row" { (name) } @for cell in cells { td { (cell) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_asks_for_the_other_state() {
        let html = |on| tick_box(&GridCell { value: "a.b", on, label: "", quiet: true }).into_string();
        assert!(html(true).contains(r#"&quot;want&quot;:&quot;no&quot;"#), "{}", html(true));
        assert!(html(false).contains(r#"&quot;want&quot;:&quot;yes&quot;"#), "{}", html(false));
        assert!(html(true).contains(" checked") && !html(false).contains(" checked"));
    }
}
