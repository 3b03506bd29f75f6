//! The five roles people act in.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Belongs to a client company; sees its own company's work.
    ClientMember,
    /// Also manages its company's members and money.
    ClientAdmin,
    /// Works for the firm on exactly the clients assigned to it.
    Staff,
    /// A principal of the firm: every client, settings, reports.
    Partner,
    /// Runs the platform: firms as customers, never client content.
    PlatformAdmin,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::ClientMember, Role::ClientAdmin, Role::Staff, Role::Partner, Role::PlatformAdmin];

    /// The word stored in tables and shown in the JSON API.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::ClientMember => "client_member",
            Role::ClientAdmin => "client_admin",
            Role::Staff => "staff",
            Role::Partner => "partner",
            Role::PlatformAdmin => "platform_admin",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Belongs to a client company rather than to the firm.
    pub fn is_client(self) -> bool {
        matches!(self, Role::ClientMember | Role::ClientAdmin)
    }

    /// Words for people.
    pub fn title(self) -> &'static str {
        match self {
            Role::ClientMember => "Member",
            Role::ClientAdmin => "Admin",
            Role::Staff => "Staff",
            Role::Partner => "Partner",
            Role::PlatformAdmin => "Platform admin",
        }
    }
}
