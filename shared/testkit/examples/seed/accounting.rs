//! Northgate Accounting, a practice in London.

use crate::plan::{ClientPlan, FilePlan, FirmPlan, PersonPlan, ProjectPlan, Words};

pub(crate) fn firm() -> FirmPlan {
    FirmPlan {
        name: "Northgate Accounting",
        domain: "northgate.example",
        zone: "Europe/London",
        accent: "#2f6b4f",
        packs: &["tax"],
        partner: "Priya Nair",
        staff: [("Tom Ashdown", "+442079460123"), ("Greta Moss", "+442079460177")],
        clients: clients(),
    }
}

fn clients() -> Vec<ClientPlan> {
    vec![
        ClientPlan {
            name: "Cedar Bakery",
            people: CEDAR,
            projects: CEDAR_PROJECTS,
            files: CEDAR_FILES,
            talk: CEDAR_TALK,
        },
        ClientPlan { name: "Juniper Studio", people: &[], projects: JUNIPER_PROJECTS, files: JUNIPER_FILES, talk: &[] },
        ClientPlan { name: "Kestrel Films", people: &[], projects: KESTREL_PROJECTS, files: &[], talk: &[] },
        ClientPlan { name: "Larch Dental", people: &[], projects: LARCH_PROJECTS, files: LARCH_FILES, talk: &[] },
        ClientPlan { name: "Maple Nurseries", people: &[], projects: MAPLE_PROJECTS, files: &[], talk: &[] },
        ClientPlan { name: "Nettle & Sons", people: &[], projects: &[], files: &[], talk: &[] },
    ]
}

const CEDAR: &[PersonPlan] = &[PersonPlan {
    name: "Cora Bell",
    email: "admin@cedar.example",
    role: "client_admin",
    phone: Some("+442079460155"),
}];

const CEDAR_PROJECTS: &[ProjectPlan] = &[ProjectPlan {
    name: "Annual return",
    pack: "tax",
    phase: 1,
    update_in: 4,
    milestones: &[
        ("Engagement letter signed", -20, "done"),
        ("Documents complete", 6, "current"),
        ("Draft return", 28, "upcoming"),
        ("Return filed", 60, "upcoming"),
    ],
}];

const CEDAR_TALK: &[Words] = &[Words {
    from_firm: false,
    text: "The bank wants the draft accounts by the end of the month. Will they be ready?",
}];

const CEDAR_FILES: &[FilePlan] = &[
    FilePlan {
        name: "Sales ledger.xlsx",
        project: "Annual return",
        category: "Source documents",
        from_firm: false,
        text: &["Month | Sales | VAT", "April | 18,240 | 3,648", "May | 19,905 | 3,981", "June | 21,330 | 4,266"],
    },
    FilePlan {
        name: "Bank statement June.pdf",
        project: "Annual return",
        category: "Source documents",
        from_firm: false,
        text: &["Statement of account, Cedar Bakery. Opening balance 12,004.10. Flour mill standing order 1,250.00."],
    },
    FilePlan {
        name: "Engagement letter.docx",
        project: "Annual return",
        category: "Engagement",
        from_firm: true,
        text: &["We prepare the annual return of Cedar Bakery and its filing. Our fee is fixed at 1,800 pounds."],
    },
];

const JUNIPER_PROJECTS: &[ProjectPlan] = &[ProjectPlan {
    name: "VAT registration and first quarter",
    pack: "tax",
    phase: 2,
    update_in: 1,
    milestones: &[
        ("Registration confirmed", -12, "done"),
        ("First quarter prepared", 9, "current"),
        ("Filed", 24, "upcoming"),
    ],
}];

const JUNIPER_FILES: &[FilePlan] = &[FilePlan {
    name: "Registration.html",
    project: "VAT registration and first quarter",
    category: "Correspondence",
    from_firm: true,
    text: &["The registration of Juniper Studio is confirmed from the first of the month."],
}];

const KESTREL_PROJECTS: &[ProjectPlan] = &[ProjectPlan {
    name: "Film tax relief claim",
    pack: "tax",
    phase: 3,
    update_in: -2,
    milestones: &[("Costs analysed", -15, "done"), ("Partner review", 3, "current"), ("Claim filed", 19, "upcoming")],
}];

const LARCH_PROJECTS: &[ProjectPlan] = &[ProjectPlan {
    name: "Year-end accounts",
    pack: "tax",
    phase: 4,
    update_in: 6,
    milestones: &[("Accounts approved", -2, "done"), ("Return filed", 5, "current")],
}];

const LARCH_FILES: &[FilePlan] = &[FilePlan {
    name: "Accounts for approval.pdf",
    project: "Year-end accounts",
    category: "Financial statements",
    from_firm: true,
    text: &["Larch Dental, accounts for the year. Turnover 412,300. Profit before tax 61,870."],
}];

const MAPLE_PROJECTS: &[ProjectPlan] = &[ProjectPlan {
    name: "Payroll set-up",
    pack: "tax",
    phase: 0,
    update_in: 10,
    milestones: &[("Engagement letter signed", 2, "current"), ("First payroll run", 30, "upcoming")],
}];
