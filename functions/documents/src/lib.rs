//! Documents as people meet them: lists, upload tickets, search, the page of one document, copies with a watermark.
//!
//! Rows come with the client's scope, objects with a scope of their own. What a document holds leaves only after the
//! event that says so is committed.

mod arranging;
mod bulk;
mod cache;
mod disposition;
mod downloading;
mod facts;
mod finding;
mod handing;
mod kinds;
mod listing;
mod merge;
mod opening;
mod pages;
mod parting;
mod previewing;
mod requests;
mod searching;
mod seeing;
mod sending;
mod uploading;
mod versions;
mod zipping;

use domain::PermissionName::{
    DownloadDocuments, DownloadInBulk, SearchDocuments, UploadDocuments, ViewAccessHistory, ViewDocuments, ViewHome,
};
use http::Method;
use web::{Access, Doc, Routes};

pub fn routes() -> Routes {
    requests::routes(api(Routes::new("documents")))
        .page(Method::GET, "/clients/{client}/documents", Access::Needs(ViewDocuments), listing::page)
        .page(Method::GET, "/clients/{client}/documents/new", Access::Needs(UploadDocuments), sending::ask)
        .page(Method::POST, "/clients/{client}/documents/new", Access::Needs(UploadDocuments), sending::announce)
        .page(Method::POST, "/clients/{client}/documents/bulk", Access::Needs(UploadDocuments), bulk::save)
        .page(Method::POST, "/clients/{client}/documents/restore", Access::Needs(UploadDocuments), bulk::undo)
        .page(Method::POST, "/clients/{client}/documents/zip", Access::Needs(DownloadInBulk), zipping::save)
        .page(Method::GET, "/clients/{client}/documents/zips/{parcel}", Access::Needs(DownloadDocuments), zipping::page)
        .page(
            Method::GET,
            "/clients/{client}/documents/zips/{parcel}/download",
            Access::Needs(DownloadDocuments),
            zipping::file,
        )
        .page(Method::GET, "/clients/{client}/documents/{document}", Access::Needs(ViewDocuments), opening::page)
        .page(Method::POST, "/clients/{client}/documents/{document}", Access::Needs(UploadDocuments), arranging::save)
        .page(
            Method::POST,
            "/clients/{client}/documents/{document}/viewers",
            Access::Needs(UploadDocuments),
            seeing::save,
        )
        .page(
            Method::POST,
            "/clients/{client}/documents/{document}/not-needed",
            Access::Needs(UploadDocuments),
            arranging::not_needed,
        )
        .page(
            Method::POST,
            "/clients/{client}/documents/{document}/needed",
            Access::Needs(UploadDocuments),
            arranging::needed,
        )
        .page(Method::POST, "/clients/{client}/documents/{document}/bin", Access::Needs(UploadDocuments), bulk::bin)
        .page(
            Method::POST,
            "/clients/{client}/documents/{document}/restore",
            Access::Needs(UploadDocuments),
            bulk::restore,
        )
        .page(
            Method::POST,
            "/clients/{client}/documents/{document}/current",
            Access::Needs(UploadDocuments),
            versions::make_current_page,
        )
        .page(Method::GET, "/clients/{client}/documents/{document}/send", Access::Needs(UploadDocuments), sending::send)
        .page(
            Method::GET,
            "/clients/{client}/documents/{document}/download",
            Access::Needs(DownloadDocuments),
            downloading::download,
        )
        .page(
            Method::GET,
            "/clients/{client}/documents/{document}/preview",
            Access::Needs(DownloadDocuments),
            previewing::page,
        )
        .page(Method::GET, "/clients/{client}/search", Access::Needs(SearchDocuments), searching::page)
        .page(Method::GET, "/search", Access::Needs(ViewHome), searching::page_everywhere)
}

fn api(routes: Routes) -> Routes {
    routes
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents",
            Access::Needs(ViewDocuments),
            listing::list,
            Doc::new("Lists the client's documents, newest first")
                .query::<listing::ListQuery>()
                .answers::<listing::DocumentList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents",
            Access::Needs(UploadDocuments),
            uploading::start,
            Doc::new("Announces one file or up to twenty, and gives the form to send each with")
                .takes::<uploading::NewUpload>()
                .idempotent()
                .answers::<uploading::Started>(201),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/{document}",
            Access::Needs(ViewDocuments),
            opening::one,
            Doc::new("One document, with its state").answers::<facts::DocumentFacts>(200),
        )
        .api(
            Method::PATCH,
            "/api/v1/clients/{client}/documents/{document}",
            Access::Needs(UploadDocuments),
            arranging::change,
            Doc::new(
                "Moves, renames or tags a document, says who may see it, puts it into the bin or takes it out, or says that a refused one is not needed; what is left out stays",
            )
            .takes::<domain::document::DocumentEdit>()
            .answers::<facts::DocumentFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents/bulk",
            Access::Needs(UploadDocuments),
            bulk::change,
            Doc::new("Moves or tags up to a hundred documents, or puts them into the bin or takes them out")
                .takes::<domain::document::DocumentsEdit>()
                .answers::<bulk::BulkAnswer>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents/zip",
            Access::Needs(DownloadInBulk),
            zipping::ask,
            Doc::new("Asks for documents as one zip, those named or all of a list, which is made for this reader")
                .takes::<zipping::NewZip>()
                .idempotent()
                .answers::<zipping::ZipFacts>(202),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/zips/{parcel}",
            Access::Needs(DownloadDocuments),
            zipping::one,
            Doc::new("How far a zip is").answers::<zipping::ZipFacts>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/zips/{parcel}/download",
            Access::Needs(DownloadDocuments),
            zipping::file,
            Doc::new("Leads to a zip, or says how far it is").answers_empty(303),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/{document}/versions",
            Access::Needs(ViewDocuments),
            versions::list,
            Doc::new("Every version of a document, the newest first").answers::<versions::VersionList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents/{document}/current",
            Access::Needs(UploadDocuments),
            versions::make_current,
            Doc::new("Makes an earlier version current again").answers::<facts::DocumentFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents/{document}/parts",
            Access::Needs(UploadDocuments),
            parting::sign,
            Doc::new("Gives addresses to put parts of a large file at, each good for these very bytes")
                .takes::<parting::PartList>()
                .answers::<parting::PartAddresses>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/{document}/parts",
            Access::Needs(UploadDocuments),
            parting::arrived,
            Doc::new("Which parts of a large file have arrived, to go on with the others")
                .answers::<parting::Arrived>(200),
        )
        .api(
            Method::DELETE,
            "/api/v1/clients/{client}/documents/{document}/parts",
            Access::Needs(UploadDocuments),
            parting::cancel,
            Doc::new("Gives an upload up that has not arrived").answers::<facts::DocumentFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents/{document}/complete",
            Access::Needs(UploadDocuments),
            parting::finish,
            Doc::new("Says that every part of a large file was sent, with the digests of all; they are compared")
                .takes::<parting::PartList>()
                .answers::<facts::DocumentFacts>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/{document}/seen",
            Access::Needs(ViewAccessHistory),
            opening::seen,
            Doc::new("Who has seen a document, newest first").answers::<opening::SeenList>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/{document}/download",
            Access::Needs(DownloadDocuments),
            downloading::download_by_program,
            Doc::new("Leads to a copy made for this reader; of a large file, says how far its marked copy is")
                .answers_empty(303)
                .answers::<zipping::ZipFacts>(202),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/documents/{document}/preview",
            Access::Needs(DownloadDocuments),
            previewing::list,
            Doc::new("Pictures of some of a document's first pages, made for this reader and good for a minute")
                .query::<previewing::PreviewQuery>()
                .answers::<previewing::PreviewList>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/search",
            Access::Needs(SearchDocuments),
            searching::search,
            Doc::new("Searches by words inside one client's documents")
                .query::<searching::SearchQuery>()
                .answers::<searching::SearchAnswer>(200),
        )
        .api(
            Method::GET,
            "/api/v1/search",
            Access::Needs(ViewHome),
            searching::search_everywhere,
            Doc::new(
                "Searches the documents of every client that is assigned to the caller, or of the caller's own company",
            )
            .query::<searching::EverywhereQuery>()
            .answers::<searching::SearchAnswer>(200),
        )
}
