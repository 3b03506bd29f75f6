//! The request lists of each practice pack: what a firm asks for again and again.

use super::Pack;
use crate::request::LineEdit;
use crate::text::{Name, Note};

/// A list that a firm sends by one press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListTemplate {
    /// In addresses and in the JSON API.
    pub name: &'static str,
    pub title: &'static str,
    /// Days after it is sent by which everything is due.
    pub due_after_days: i32,
    pub lines: &'static [LineTemplate],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTemplate {
    pub what: &'static str,
    /// Empty where the thing says enough by itself.
    pub help: &'static str,
    pub category: &'static str,
}

impl ListTemplate {
    pub(crate) fn edits(&self) -> Vec<LineEdit> {
        let edit = |line: &LineTemplate| {
            Some(LineEdit {
                id: None,
                what: Name::parse(line.what).ok()?,
                help: Note::parse(line.help).ok(),
                due_on: None,
                category: Some(line.category.to_owned()),
            })
        };
        self.lines.iter().filter_map(edit).collect()
    }
}

const fn line(what: &'static str, help: &'static str, category: &'static str) -> LineTemplate {
    LineTemplate { what, help, category }
}

impl Pack {
    /// Its lists, the most used first.
    pub fn request_lists(self) -> &'static [ListTemplate] {
        match self {
            Pack::Litigation => LITIGATION,
            Pack::Tax => TAX,
            Pack::Consulting => CONSULTING,
            Pack::Advice => ADVICE,
        }
    }

    pub fn request_list(self, name: &str) -> Option<&'static ListTemplate> {
        self.request_lists().iter().find(|list| list.name == name)
    }
}

const LITIGATION: &[ListTemplate] = &[
    ListTemplate {
        name: "opening",
        title: "Documents to open your matter",
        due_after_days: 14,
        lines: &[
            line("Signed engagement letter", "Every page, signed on the last.", "Contracts"),
            line("The contract in dispute", "With all amendments and side letters.", "Contracts"),
            line(
                "Letters and e-mails with the other side",
                "The most important first; threads may stay whole.",
                "Correspondence",
            ),
            line("Court papers you have received", "With the envelope, if it shows a date.", "Pleadings"),
            line("Invoices and proof of payment", "", "Evidence"),
            line("Names of people who know what happened", "With how to reach them. A simple list will do.", "Other"),
        ],
    },
    ListTemplate {
        name: "production",
        title: "Document production",
        due_after_days: 21,
        lines: &[
            line("E-mails about the matter", "Exported from the mailbox, with attachments.", "Correspondence"),
            line("Internal notes and minutes", "Also handwritten ones, as a scan or photo.", "Evidence"),
            line("Financial records of the period", "", "Evidence"),
            line("Photos, recordings and plans", "In the best quality that you have.", "Evidence"),
            line("Your rules for keeping documents", "If there are written ones.", "Other"),
        ],
    },
];

const TAX: &[ListTemplate] = &[
    ListTemplate {
        name: "individual-return",
        title: "Papers for your tax return",
        due_after_days: 30,
        lines: &[
            line("Last year's tax return", "The copy that was filed, with all schedules.", "Tax returns"),
            line("Wage statements", "One from each employer (W-2 or the like).", "Source documents"),
            line(
                "Bank interest and dividends",
                "Year-end statements of every account (1099-INT, 1099-DIV).",
                "Source documents",
            ),
            line("Sales of shares or property", "Broker's statement (1099-B), closing papers.", "Source documents"),
            line("Mortgage interest and property tax", "The lender's annual statement (1098).", "Source documents"),
            line("Gifts to charities", "Receipts for each.", "Source documents"),
            line("Health cover and medical costs", "", "Source documents"),
            line("Letters from the tax office", "Whatever came this year, answered or not.", "Correspondence"),
        ],
    },
    ListTemplate {
        name: "business-return",
        title: "Papers for the company's tax return",
        due_after_days: 30,
        lines: &[
            line(
                "Trial balance and general ledger",
                "As the bookkeeping program exports them.",
                "Financial statements",
            ),
            line("Bank statements at year end", "Of every account, with the reconciliation.", "Source documents"),
            line("Fixed assets bought and sold", "Invoices, dates and amounts.", "Source documents"),
            line("Payroll reports", "The four quarters and the annual summary.", "Source documents"),
            line("Loan agreements and balances", "", "Source documents"),
            line("Inventory at year end", "Quantities and cost.", "Source documents"),
            line("Letters from the tax office", "", "Correspondence"),
        ],
    },
];

const CONSULTING: &[ListTemplate] = &[ListTemplate {
    name: "kick-off",
    title: "Material for the kick-off",
    due_after_days: 14,
    lines: &[
        line("Signed statement of work", "", "Agreements"),
        line("Organisation chart", "", "Source material"),
        line("Strategy and plans in force", "The latest board paper or plan.", "Source material"),
        line("Figures of the last three years", "Profit and loss, balance sheet, cash flow.", "Source material"),
        line("Reports of earlier projects", "If somebody looked at this before.", "Source material"),
        line("People to interview", "Names, roles and when they can be reached.", "Other"),
    ],
}];

const ADVICE: &[ListTemplate] = &[
    ListTemplate {
        name: "financial-picture",
        title: "Your financial picture",
        due_after_days: 21,
        lines: &[
            line("Signed client agreement", "", "Agreements"),
            line("Statements of all accounts", "Bank, savings and brokerage; the latest of each.", "Statements"),
            line("Pension and retirement accounts", "The latest statement of each.", "Statements"),
            line("Loans and mortgages", "What is owed, at what interest, until when.", "Statements"),
            line("Insurance policies", "Life, disability, property.", "Statements"),
            line("Last two tax returns", "", "Tax documents"),
            line("Proof of who you are", "Passport or identity card, both sides.", "Other"),
        ],
    },
    ListTemplate {
        name: "annual-review",
        title: "Papers for the annual review",
        due_after_days: 21,
        lines: &[
            line("Statements of accounts held elsewhere", "", "Statements"),
            line("Last tax return", "", "Tax documents"),
            line("What has changed", "Work, family, property, plans: a few lines will do.", "Correspondence"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn every_list_can_be_sent_as_it_stands() {
        for pack in Pack::ALL {
            let lists = pack.request_lists();
            assert!(!lists.is_empty(), "{pack:?}");
            for list in lists {
                assert_eq!(pack.request_list(list.name), Some(list), "{pack:?}: two lists of one name");
                assert!(list.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", list.name);
                assert!((1..=limits::REQUEST_LINES_MAX).contains(&list.lines.len()), "{}", list.name);
                assert_eq!(list.edits().len(), list.lines.len(), "{}: a line that cannot be read", list.name);
                for line in list.lines {
                    assert!(pack.categories().contains(&line.category), "{}: {}", list.name, line.what);
                    assert!(line.help.chars().count() <= limits::REQUEST_REMARK_CHARACTERS_MAX, "{}", line.what);
                }
            }
        }
    }
}
