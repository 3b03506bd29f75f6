//! The table itself.

use serde::{Deserialize, Serialize};

use super::{Permission, Power, Reach};
use crate::Role;

macro_rules! permissions {
    ($($name:ident: $reach:ident, $text:literal, $words:literal, [$($role:ident),*] + [$($also:ident),*], $power:ident;)*) => {
        /// The name of a permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Name { $(#[doc = $words] $name,)* }

        impl Name {
            pub const ALL: &[Name] = &[$(Name::$name,)*];

            pub fn as_str(self) -> &'static str { match self { $(Name::$name => $text,)* } }

            /// For people, as the end of "may …".
            pub fn words(self) -> &'static str { match self { $(Name::$name => $words,)* } }

            pub fn reach(self) -> Reach { match self { $(Name::$name => Reach::$reach,)* } }

            /// Whether the role has it.
            pub fn held_by(self, role: Role) -> bool {
                match self { $(Name::$name => [$(Role::$role,)*].contains(&role),)* }
            }

            /// Whether a firm may give it to a person of this role, which does not have it.
            pub fn grantable_to(self, role: Role) -> bool {
                let also: &[Role] = match self { $(Name::$name => &[$(Role::$also,)*],)* };
                also.contains(&role)
            }

            pub(super) fn power(self) -> Power { match self { $(Name::$name => Power::$power,)* } }
        }

        $(#[doc = $words] #[derive(Debug)] pub struct $name;
        impl Permission for $name { const NAME: Name = Name::$name; })*
    };
}

// Each with the roles that have it, and those a firm may give it to.
permissions! {
    ViewHome: Home, "view_home", "open their home page", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;

    ViewProjects: Client, "view_projects", "see projects and their team", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;
    EditProjects: Client, "edit_projects", "create and change projects", [Staff, Partner] + [], Writes;
    ViewDocuments: Client, "view_documents", "see documents", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;
    UploadDocuments: Client, "upload_documents", "add documents", [ClientMember, ClientAdmin, Staff, Partner] + [], Writes;
    AnswerRequests: Client, "answer_requests", "say that the company does not have what was asked for", [ClientMember, ClientAdmin] + [], Writes;
    DownloadDocuments: Client, "download_documents", "take copies of documents", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;
    DownloadInBulk: Client, "download_in_bulk", "take copies of many documents at once", [ClientMember, ClientAdmin, Staff, Partner] + [], Writes;
    SearchDocuments: Client, "search_documents", "search inside documents", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;
    ViewAccessHistory: Client, "view_access_history", "see who has seen a document", [Staff, Partner] + [], Reads;
    ViewInternal: Client, "view_internal", "read internal notes", [Staff, Partner] + [], Reads;
    WriteInternal: Client, "write_internal", "write internal notes", [Staff, Partner] + [], Writes;
    ReadMessages: Client, "read_messages", "read messages", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;
    WriteMessages: Client, "write_messages", "write messages", [ClientMember, ClientAdmin, Staff, Partner] + [], Writes;
    ViewInvoices: Client, "view_invoices", "see invoices", [ClientAdmin, Staff, Partner] + [ClientMember], Reads;
    ApproveInvoices: Client, "approve_invoices", "approve invoices", [ClientAdmin] + [ClientMember], Writes;
    PayInvoices: Client, "pay_invoices", "pay invoices", [ClientAdmin] + [ClientMember], Writes;
    EditInvoices: Client, "edit_invoices", "write invoices", [Staff, Partner] + [], Writes;
    ViewTrust: Client, "view_trust", "see money held in trust", [ClientAdmin, Staff, Partner] + [ClientMember], Reads;
    ViewMeetings: Client, "view_meetings", "see meetings", [ClientMember, ClientAdmin, Staff, Partner] + [], Reads;
    BookMeetings: Client, "book_meetings", "book meetings", [ClientMember, ClientAdmin, Staff, Partner] + [], Writes;
    ViewCompany: Client, "view_company", "see who of the company has access", [ClientAdmin, Staff, Partner] + [ClientMember], Reads;
    ManageCompany: Client, "manage_company", "invite people of the company and end their access", [ClientAdmin, Partner] + [Staff], Writes;
    ViewRetention: Client, "view_retention", "see how long a client's documents are kept and what is held", [Partner] + [Staff], Reads;
    PlaceHolds: Client, "place_holds", "put things of a client under a legal hold", [Partner] + [Staff], Writes;
    ReleaseHolds: Client, "release_holds", "release legal holds", [Partner] + [], Confirmed;
    ConfirmDeletion: Client, "confirm_deletion", "have documents archived or deleted by the firm's rules", [Partner] + [], Confirmed;
    EraseClients: Client, "erase_clients", "erase everything of a client", [Partner] + [], Confirmed;
    ViewAsClient: Client, "view_as_client", "look at the portal as a client sees it", [Staff, Partner] + [], Writes;

    ViewFirm: Firm, "view_firm", "see the firm's overview of all clients", [Partner] + [Staff], Reads;
    ManageClients: Firm, "manage_clients", "add clients and change their names", [Partner] + [], Writes;
    ArchiveClients: Firm, "archive_clients", "archive clients and bring them back", [Partner] + [], Writes;
    ManagePeople: Firm, "manage_people", "invite people", [Partner] + [], Writes;
    ChangeRoles: Firm, "change_roles", "change what people may do", [Partner] + [], Confirmed;
    EndMemberships: Firm, "end_memberships", "end people's access", [Partner] + [], Writes;
    ResetFactors: Firm, "reset_factors", "reset how people prove who they are", [Partner] + [], Confirmed;
    AssignStaff: Firm, "assign_staff", "decide which staff work on which clients", [Partner] + [], Writes;
    ReviewAccess: Firm, "review_access", "review who has access", [Partner] + [], Writes;
    ManageBranding: Firm, "manage_branding", "change the firm's name, logo and colour", [Partner] + [], Writes;
    ManageSettings: Firm, "manage_settings", "change the firm's settings", [Partner] + [], Writes;
    WriteNewsletters: Firm, "write_newsletters", "write newsletters", [Partner] + [], Writes;
    SendNewsletters: Firm, "send_newsletters", "send newsletters to clients", [Partner] + [], Confirmed;
    ManageSignIn: Firm, "manage_sign_in", "decide how people sign in", [Partner] + [], Confirmed;
    ViewSignIns: Firm, "view_sign_ins", "see who signed in", [Partner] + [], Reads;
    EndSessions: Firm, "end_sessions", "sign people out", [Partner] + [], Writes;
    ManageRetention: Firm, "manage_retention", "decide how long things are kept", [Partner] + [], Writes;
    ManageIntegrations: Firm, "manage_integrations", "connect other programs", [Partner] + [], Writes;
    ManageBankDetails: Firm, "manage_bank_details", "change bank details", [Partner] + [], Confirmed;
    ExportFirm: Firm, "export_firm", "export everything of the firm", [Partner] + [], Confirmed;

    ViewAudit: Audit, "view_audit", "read the audit", [Partner] + [], Reads;
    ExportAudit: Audit, "export_audit", "export the audit", [Partner] + [], Confirmed;

    ManageFirms: Platform, "manage_firms", "create firms and see their state", [PlatformAdmin] + [], Writes;
    SuspendFirms: Platform, "suspend_firms", "suspend firms and let them resume", [PlatformAdmin] + [], Confirmed;
    ViewUsage: Platform, "view_usage", "see how much firms use", [PlatformAdmin] + [], Reads;
    BreakGlass: Platform, "break_glass", "be admitted to a firm's content in an emergency", [PlatformAdmin] + [], Confirmed;
}
