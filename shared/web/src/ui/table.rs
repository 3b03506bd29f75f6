//! Tables. Where it is narrow each row becomes a card with the column's name before each value; roles are spelled out,
//! because browsers drop a table's meaning when its display changes.

use maud::{Markup, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnKind {
    #[default]
    Text,
    /// Right-aligned, figures of one width.
    Number,
    /// Buttons; the heading is for screen readers only.
    Action,
}

#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    pub label: &'a str,
    pub kind: ColumnKind,
}

impl<'a> Column<'a> {
    pub fn text(label: &'a str) -> Self {
        Self { label, kind: ColumnKind::Text }
    }
    pub fn number(label: &'a str) -> Self {
        Self { label, kind: ColumnKind::Number }
    }
    pub fn action(label: &'a str) -> Self {
        Self { label, kind: ColumnKind::Action }
    }
}

/// The first cell of a row names the row: the card's title on phones.
pub struct Table<'a> {
    /// Said to screen readers; the heading above says it to everybody else.
    pub caption: &'a str,
    pub columns: &'a [Column<'a>],
    pub rows: Vec<Vec<Markup>>,
}

pub fn table(view: &Table<'_>) -> Markup {
    html! {
        div.card.table-card {
            table.table role="table" {
                caption.unseen { (view.caption) }
                thead role="rowgroup" { tr role="row" { @for column in view.columns { (heading(column)) } } }
                tbody role="rowgroup" { @for cells in &view.rows { (table_row(view.columns, cells)) } }
            }
        }
    }
}

/// The smaller line under what a cell says.
pub fn cell_note(note: Markup) -> Markup {
    html! { span.cell-note { (note) } }
}

fn heading(column: &Column<'_>) -> Markup {
    html! {
        th.(class(column.kind)) role="columnheader" scope="col" {
            @if column.kind == ColumnKind::Action { span.unseen { (column.label) } } @else { (column.label) }
        }
    }
}

fn table_row(columns: &[Column<'_>], cells: &[Markup]) -> Markup {
    html! {
        tr role="row" {
            @for (place, (column, cell)) in columns.iter().zip(cells).enumerate() {
                @if place == 0 {
                    th.is-name role="rowheader" scope="row" { (cell) }
                } @else {
                    td.(class(column.kind)) role="cell" {
                        @if column.kind != ColumnKind::Action { span.cell-label aria-hidden="true" { (column.label) } }
                        span.cell-value { (cell) }
                    }
                }
            }
        }
    }
}

fn class(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "is-text",
        ColumnKind::Number => "is-number",
        ColumnKind::Action => "is-action",
    }
}
