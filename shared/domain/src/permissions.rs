//! Who may do what: named permissions, and the five roles as sets of them. One table, printed and reviewed as text.

use serde::{Deserialize, Serialize};

use crate::Role;

/// Whose data a permission is about, and so which credentials it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// One client's data.
    Client,
    /// The objects (originals, text, index) of one client's documents.
    Objects,
    /// The person's own home.
    Home,
    /// The firm's settings, people and views.
    Firm,
    /// The firm's audit chains, to read.
    Audit,
    /// Firms as customers.
    Platform,
}

/// The type that stands for one permission in a handler's signature.
pub trait Permission: Send + Sync + 'static {
    const NAME: Name;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $reach:ident, $text:literal, [$($role:ident),*];)*) => {
        /// The name of a permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Name { $($(#[$doc])* $name,)* }

        impl Name {
            pub const ALL: &[Name] = &[$(Name::$name,)*];

            pub fn as_str(self) -> &'static str { match self { $(Name::$name => $text,)* } }

            pub fn reach(self) -> Reach { match self { $(Name::$name => Reach::$reach,)* } }

            /// Whether the role has it.
            pub fn held_by(self, role: Role) -> bool {
                match self { $(Name::$name => [$(Role::$role,)*].contains(&role),)* }
            }
        }

        $($(#[$doc])* #[derive(Debug)] pub struct $name;
        impl Permission for $name { const NAME: Name = Name::$name; })*
    };
}

permissions! {
    /// Open one's own home page.
    ViewHome: Home, "view_home", [ClientMember, ClientAdmin, Staff, Partner];
    /// See the projects of a client, with milestones, team and promised update.
    ViewProjects: Client, "view_projects", [ClientMember, ClientAdmin, Staff, Partner];
    /// Create and change projects.
    EditProjects: Client, "edit_projects", [Staff, Partner];
    /// See the list of documents and one document's facts.
    ViewDocuments: Client, "view_documents", [ClientMember, ClientAdmin, Staff, Partner];
    /// Add documents.
    UploadDocuments: Client, "upload_documents", [ClientMember, ClientAdmin, Staff, Partner];
    /// Take a copy of a document away.
    DownloadDocuments: Client, "download_documents", [ClientMember, ClientAdmin, Staff, Partner];
    /// Search by words inside documents.
    SearchDocuments: Client, "search_documents", [ClientMember, ClientAdmin, Staff, Partner];
    /// See who has seen a document.
    ViewAccessHistory: Client, "view_access_history", [Staff, Partner];
    /// See the firm's board and lists.
    ViewFirm: Firm, "view_firm", [Partner];
    /// Create and archive clients.
    ManageClients: Firm, "manage_clients", [Partner];
    /// Invite people and change their roles.
    ManagePeople: Firm, "manage_people", [Partner];
    /// Decide which staff work on which clients.
    AssignStaff: Firm, "assign_staff", [Partner];
    /// Read the audit chains of the firm.
    ViewAudit: Audit, "view_audit", [Partner];
    /// Create firms and see their state.
    ManageFirms: Platform, "manage_firms", [PlatformAdmin];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reviewed as text: a change of this table is a change of who may do what.
    const REVIEWED: &str = include_str!("permissions.txt");

    fn printed() -> String {
        let mut table = format!("{:<22}{:<10}", "permission", "reach");
        for role in Role::ALL {
            table += &format!("{:<15}", role.as_str());
        }
        for name in Name::ALL {
            table = table.trim_end().to_owned()
                + &format!("\n{:<22}{:<10}", name.as_str(), format!("{:?}", name.reach()).to_lowercase());
            for role in Role::ALL {
                table += &format!("{:<15}", if name.held_by(role) { "yes" } else { "-" });
            }
        }
        table.trim_end().to_owned() + "\n"
    }

    #[test]
    fn the_table_is_the_reviewed_one() {
        assert_eq!(printed(), REVIEWED, "printed:\n{}", printed());
    }

    #[test]
    fn a_platform_admin_reaches_the_platform_only() {
        for name in Name::ALL.iter().filter(|name| name.held_by(Role::PlatformAdmin)) {
            assert_eq!(name.reach(), Reach::Platform, "{name:?}");
        }
    }

    #[test]
    fn a_client_role_never_reaches_the_firm() {
        for name in Name::ALL.iter().filter(|name| name.held_by(Role::ClientMember) || name.held_by(Role::ClientAdmin))
        {
            assert!(matches!(name.reach(), Reach::Client | Reach::Objects | Reach::Home), "{name:?}");
        }
    }
}
