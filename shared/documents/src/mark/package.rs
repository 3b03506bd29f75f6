//! An Office package of which some parts are changed. The others go into the copy as they are, packed as they were.

use std::collections::BTreeMap;

use super::MarkRefused;
use super::splice::append;
use crate::archive::{self, Archive};
use crate::word;

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const TYPES_PART: &str = "[Content_Types].xml";
/// Of the part that a mark adds.
pub(super) const ADDED: &str = "copy-mark";

pub(super) struct Package<'a> {
    bytes: &'a [u8],
    archive: Archive<'a>,
    changed: BTreeMap<String, Vec<u8>>,
}

impl<'a> Package<'a> {
    /// A package that is signed is refused: the signature is over its parts.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, MarkRefused> {
        let archive = Archive::open(bytes)?;
        let signs = |name: &String| {
            let name = name.to_ascii_lowercase();
            name.starts_with("_xmlsignatures/") || name == "meta-inf/documentsignatures.xml"
        };
        if archive.names()?.iter().any(signs) {
            return Err(MarkRefused::Signed);
        }
        Ok(Self { bytes, archive, changed: BTreeMap::new() })
    }

    pub(super) fn described(&mut self) -> Result<word::Package, MarkRefused> {
        Ok(word::Package::read(&mut self.archive)?)
    }

    pub(super) fn archive(&mut self) -> &mut Archive<'a> {
        &mut self.archive
    }

    /// A part as it is by now. Places in it are counted in bytes, so that it has to be Unicode's usual form.
    pub(super) fn part(&mut self, path: &str) -> Result<Option<String>, MarkRefused> {
        let bytes = match self.changed.get(path) {
            Some(changed) => changed.clone(),
            None => match self.archive.read(path)? {
                Some(bytes) => bytes,
                None => return Ok(None),
            },
        };
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        String::from_utf8(plain.to_vec()).map(Some).map_err(|_| MarkRefused::Unreadable)
    }

    pub(super) fn needed(&mut self, path: &str) -> Result<String, MarkRefused> {
        self.part(path)?.ok_or(MarkRefused::Unreadable)
    }

    pub(super) fn set(&mut self, path: &str, content: String) {
        self.changed.insert(path.to_owned(), content.into_bytes());
    }

    /// Adds a part beside another one, which refers to it; the reference's id. One that is there already would be taken
    /// over: a copy that came back as a document of its own has one.
    pub(super) fn add(
        &mut self,
        beside: &str,
        extension: &str,
        content_type: &str,
        relation: &str,
        content: String,
    ) -> Result<String, MarkRefused> {
        let (folder, name) = beside.rsplit_once('/').unwrap_or(("", beside));
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let links_path = format!("{prefix}_rels/{name}.rels");
        let links = self.part(&links_path)?.unwrap_or_else(|| format!("<Relationships xmlns=\"{RELATIONS}\"/>"));
        let names = self.archive.names()?;
        let free = |count: &usize| {
            !names.contains(&format!("{prefix}{ADDED}-{count}.{extension}"))
                && !links.contains(&format!("\"{ADDED}-{count}\""))
        };
        let count = (1..).find(free).unwrap_or(1);
        let (id, path) = (format!("{ADDED}-{count}"), format!("{prefix}{ADDED}-{count}.{extension}"));
        let link = format!(
            "<Relationship xmlns=\"{RELATIONS}\" Id=\"{id}\" Type=\"{relation}\" Target=\"{id}.{extension}\"/>"
        );
        self.set(&links_path, append(&links, &link)?);
        let types = self.needed(TYPES_PART)?;
        let named = format!("<Override xmlns=\"{TYPES}\" PartName=\"/{path}\" ContentType=\"{content_type}\"/>");
        self.set(TYPES_PART, append(&types, &named)?);
        self.set(&path, content);
        Ok(id)
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, MarkRefused> {
        Ok(archive::rewritten(self.bytes, &self.changed)?)
    }
}

/// The namespaces that go with the main one of an Office part: the format has two families of them.
pub(super) fn family(namespace: &str) -> Family {
    if namespace.starts_with("http://purl.oclc.org/") {
        Family {
            relations: "http://purl.oclc.org/ooxml/officeDocument/relationships",
            drawing: "http://purl.oclc.org/ooxml/drawingml/main",
        }
    } else {
        Family {
            relations: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            drawing: "http://schemas.openxmlformats.org/drawingml/2006/main",
        }
    }
}

pub(super) struct Family {
    pub(super) relations: &'static str,
    pub(super) drawing: &'static str,
}
