//! Hartwell & Pryce, a law firm in New York.

use crate::plan::{ClientPlan, FilePlan, FirmPlan, PersonPlan, ProjectPlan, Words};

pub(crate) fn firm() -> FirmPlan {
    FirmPlan {
        name: "Hartwell & Pryce",
        domain: "hartwell.example",
        zone: "America/New_York",
        accent: "#1f5f8b",
        packs: &["litigation"],
        partner: "Eleanor Hartwell",
        staff: [("Sam Okafor", "+12125550143"), ("Rita Lindqvist", "+12125550187")],
        clients: clients(),
    }
}

fn clients() -> Vec<ClientPlan> {
    vec![
        ClientPlan {
            name: "Acme Industries",
            people: ACME,
            projects: ACME_MATTERS,
            files: ACME_FILES,
            talk: ACME_TALK,
        },
        ClientPlan { name: "Birch & Co", people: BIRCH, projects: BIRCH_MATTERS, files: BIRCH_FILES, talk: &[] },
        ClientPlan {
            name: "Delgado Shipping",
            people: &[],
            projects: DELGADO_MATTERS,
            files: DELGADO_FILES,
            talk: &[],
        },
        ClientPlan { name: "Elm Street Partners", people: &[], projects: ELM_MATTERS, files: ELM_FILES, talk: &[] },
        ClientPlan { name: "Fairview Clinics", people: &[], projects: FAIRVIEW_MATTERS, files: &[], talk: &[] },
        ClientPlan { name: "Garrick Foundation", people: &[], projects: &[], files: &[], talk: &[] },
    ]
}

const ACME: &[PersonPlan] = &[
    PersonPlan {
        name: "Ann Whitcombe",
        email: "admin@acme.example",
        role: "client_admin",
        phone: Some("+12125550110"),
    },
    PersonPlan { name: "Max Feld", email: "member@acme.example", role: "client_member", phone: None },
];

const BIRCH: &[PersonPlan] =
    &[PersonPlan { name: "Beatrice Lund", email: "admin@birch.example", role: "client_admin", phone: None }];

const ACME_MATTERS: &[ProjectPlan] = &[
    ProjectPlan {
        name: "Acme v. Dunmore",
        pack: "litigation",
        phase: 2,
        update_in: 2,
        milestones: &[
            ("Engagement letter signed", -96, "done"),
            ("Complaint filed", -71, "done"),
            ("Answer received", -40, "done"),
            ("Document production", 5, "current"),
            ("Depositions", 17, "upcoming"),
            ("Expert report", 56, "upcoming"),
            ("Pre-trial conference", 90, "upcoming"),
        ],
    },
    ProjectPlan {
        name: "Warehouse lease dispute",
        pack: "litigation",
        phase: 0,
        update_in: 7,
        milestones: &[
            ("Engagement letter signed", -3, "done"),
            ("Review of the lease", 4, "current"),
            ("Letter to the landlord", 11, "upcoming"),
        ],
    },
];

const ACME_TALK: &[Words] = &[
    Words {
        from_firm: false,
        text: "Dunmore's driver called me about the missing pallets. May I talk to him, or should I leave that to you?",
    },
    Words {
        from_firm: true,
        text: "Please leave it to us: whatever you say to him can be used. If he calls again, note the day and the hour.\n\nDid he leave a number?",
    },
    Words { from_firm: false, text: "He did, I put it into the folder with the delivery slips." },
];

const ACME_FILES: &[FilePlan] = &[
    FilePlan {
        name: "Complaint.pdf",
        project: "Acme v. Dunmore",
        category: "Pleadings",
        from_firm: true,
        text: &[
            "Acme Industries, plaintiff, against Dunmore Supply, defendant. Acme claims damages for breach of the supply agreement of 12 March.",
            "The defendant delivered 40 of 120 pallets and refused to cure. Acme bought replacement steel at a higher price.",
        ],
    },
    FilePlan {
        name: "Supply agreement.docx",
        project: "Acme v. Dunmore",
        category: "Contracts",
        from_firm: false,
        text: &[
            "Supply agreement between Dunmore Supply and Acme Industries.",
            "The supplier shall deliver 120 pallets of rolled steel by the end of June. Time is of the essence.",
        ],
    },
    FilePlan {
        name: "Deliveries.xlsx",
        project: "Acme v. Dunmore",
        category: "Evidence",
        from_firm: false,
        text: &[
            "Date | Pallets | Note",
            "2 June | 24 | complete",
            "9 June | 16 | two damaged",
            "30 June | 0 | no delivery",
        ],
    },
    FilePlan {
        name: "Clerk's notice.eml",
        project: "Acme v. Dunmore",
        category: "Court orders",
        from_firm: true,
        text: &["The pre-trial conference is set down before Judge Alvarez in courtroom 14."],
    },
    FilePlan {
        name: "Lease.pdf",
        project: "Warehouse lease dispute",
        category: "Contracts",
        from_firm: false,
        text: &["Lease of the warehouse at 14 Harbour Road. The landlord keeps the roof in repair."],
    },
];

const BIRCH_MATTERS: &[ProjectPlan] = &[ProjectPlan {
    name: "Birch & Co: trade mark opposition",
    pack: "litigation",
    phase: 1,
    update_in: -1,
    milestones: &[
        ("Engagement letter signed", -30, "done"),
        ("Notice of opposition filed", -6, "done"),
        ("Reply due", 12, "current"),
        ("Evidence rounds", 60, "upcoming"),
    ],
}];

const BIRCH_FILES: &[FilePlan] = &[FilePlan {
    name: "Notice of opposition.pdf",
    project: "Birch & Co: trade mark opposition",
    category: "Pleadings",
    from_firm: true,
    text: &["Birch & Co opposes the registration of BIRCHWOOD for furniture in class 20."],
}];

const DELGADO_MATTERS: &[ProjectPlan] = &[ProjectPlan {
    name: "Charter party arbitration",
    pack: "litigation",
    phase: 3,
    update_in: 9,
    milestones: &[
        ("Statement of claim", -80, "done"),
        ("Motion on jurisdiction", 8, "current"),
        ("Hearing in London", 44, "upcoming"),
    ],
}];

const DELGADO_FILES: &[FilePlan] = &[FilePlan {
    name: "Charter party.txt",
    project: "Charter party arbitration",
    category: "Contracts",
    from_firm: true,
    text: &["Time charter of the motor vessel Esperanza. Demurrage is payable at 9,000 dollars a day."],
}];

const ELM_MATTERS: &[ProjectPlan] = &[ProjectPlan {
    name: "Partnership dissolution",
    pack: "litigation",
    phase: 4,
    update_in: 3,
    milestones: &[("Accounts agreed", -10, "done"), ("Trial", 21, "current"), ("Judgment", 60, "upcoming")],
}];

const ELM_FILES: &[FilePlan] = &[FilePlan {
    name: "Opening statement.pptx",
    project: "Partnership dissolution",
    category: "Other",
    from_firm: true,
    text: &["What the partners agreed in 2011", "What the accounts show"],
}];

const FAIRVIEW_MATTERS: &[ProjectPlan] = &[ProjectPlan {
    name: "Employment claim: Dr. Reyes",
    pack: "litigation",
    phase: 5,
    update_in: 14,
    milestones: &[("Settlement signed", -4, "done"), ("Payment due", 10, "current")],
}];
