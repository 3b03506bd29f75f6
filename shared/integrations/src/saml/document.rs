//! XML from strangers, parsed once. What decides here decides for everything that follows: signatures are verified on
//! this tree, and only nodes of this tree are read.

use std::collections::BTreeSet;

use uppsala::{Document, NodeId, NodeKind, Parser};

use super::Refusal;
use crate::bounds;

pub(super) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(super) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(super) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(super) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// What may stand between elements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Remarks {
    /// Comments cut a text in two, and two readers may disagree on which half counts: a message has none.
    Refused,
    /// People write them into metadata, where nothing is signed by us to be read differently.
    Allowed,
}

/// One document with a single element at its root.
pub(super) struct Tree<'a> {
    doc: Document<'a>,
    text: &'a str,
    root: NodeId,
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    tree: &'t Tree<'t>,
    pub(super) id: NodeId,
}

impl<'a> Tree<'a> {
    pub(super) fn parse(text: &'a str, remarks: Remarks) -> Result<Tree<'a>, Refusal> {
        if text.len() > bounds::XML_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        scan(text, remarks)?;
        let parser = Parser::new()
            .with_forbid_dtd(true)
            .with_max_entity_expansion(0)
            .with_max_depth(u32::try_from(bounds::XML_DEPTH_MAX).unwrap_or(u32::MAX));
        let doc = parser.parse(text).map_err(|_| Refusal::NotXml)?;
        let root = doc.document_element().ok_or(Refusal::NotXml)?;
        Ok(Tree { doc, text, root })
    }

    pub(super) fn root(&self) -> Node<'_> {
        // The lifetime is the borrow's: nodes cannot outlive the tree.
        Node { tree: self.shorten(), id: self.root }
    }

    fn shorten(&self) -> &Tree<'_> {
        self
    }

    pub(super) fn document(&self) -> &Document<'a> {
        &self.doc
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Every element, the root first.
    pub(super) fn elements(&self) -> Vec<Node<'_>> {
        let root = self.root();
        let mut found = vec![root];
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            found.extend(node.children());
            next += 1;
        }
        found
    }

    /// The values of everything that a signature could point to, each once.
    pub(super) fn refuse_repeated_ids(&self) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for node in self.elements() {
            for attribute in node.element().map(|element| element.attributes.as_slice()).unwrap_or_default() {
                let name = attribute.name.local_name.as_ref();
                let is_id = name.eq_ignore_ascii_case("id") || name == "AssertionID";
                if is_id && !seen.insert(attribute.value.clone().into_owned()) {
                    return Err(Refusal::RepeatedId);
                }
            }
        }
        Ok(())
    }
}

impl<'t> Node<'t> {
    fn element(&self) -> Option<&'t uppsala::Element<'t>> {
        self.tree.doc.element(self.id)
    }

    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.element().is_some_and(|element| element.matches_name_ns(namespace, name))
    }

    pub(super) fn local_name(&self) -> &'t str {
        self.element().map(|element| element.name.local_name.as_ref()).unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &'t str {
        self.element().and_then(|element| element.name.namespace_uri.as_deref()).unwrap_or_default()
    }

    /// An attribute without a namespace, as all of SAML's and of XML signatures are.
    pub(super) fn attribute(&self, name: &str) -> Option<&'t str> {
        let attributes = &self.element()?.attributes;
        let found = attributes.iter().find(|found| {
            found.name.local_name == name && found.name.namespace_uri.as_deref().is_none_or(str::is_empty)
        });
        found.map(|found| found.value.as_ref())
    }

    pub(super) fn children(&self) -> impl Iterator<Item = Node<'t>> + use<'t> {
        let tree = self.tree;
        tree.doc.children_iter(self.id).filter(|id| tree.doc.element(*id).is_some()).map(move |id| Node { tree, id })
    }

    pub(super) fn named(
        &self,
        namespace: &'static str,
        name: &'static str,
    ) -> impl Iterator<Item = Node<'t>> + use<'t> {
        self.children().filter(move |child| child.is(namespace, name))
    }

    /// The one child of a name, or nothing; two are refused, whichever of them would have been read.
    pub(super) fn at_most_one(&self, namespace: &'static str, name: &'static str) -> Result<Option<Node<'t>>, Refusal> {
        let mut found = self.named(namespace, name);
        let first = found.next();
        if found.next().is_some() {
            return Err(Refusal::Shape("an element that may stand once stands twice"));
        }
        Ok(first)
    }

    pub(super) fn one(&self, namespace: &'static str, name: &'static str) -> Result<Node<'t>, Refusal> {
        self.at_most_one(namespace, name)?.ok_or(Refusal::Shape("an element that must stand is missing"))
    }

    pub(super) fn parent(&self) -> Option<Node<'t>> {
        let id = self.tree.doc.parent(self.id)?;
        self.tree.doc.element(id).map(|_| Node { tree: self.tree, id })
    }

    /// The text of an element that has nothing but text. Elements inside would make several texts of it.
    pub(super) fn text(&self) -> Result<String, Refusal> {
        let mut whole = String::new();
        for id in self.tree.doc.children_iter(self.id) {
            match self.tree.doc.node_kind(id) {
                Some(NodeKind::Text(text)) => whole.push_str(text),
                _ => return Err(Refusal::Shape("something other than text where text belongs")),
            }
        }
        Ok(whole.trim().to_owned())
    }

    /// Whether there is text besides white space beside the child elements.
    pub(super) fn has_loose_text(&self) -> bool {
        self.tree
            .doc
            .children_iter(self.id)
            .any(|id| matches!(self.tree.doc.node_kind(id), Some(NodeKind::Text(text)) if !text.trim().is_empty()))
    }
}

/// What no message of a provider has, found without parsing: the parser must not be the only judge of what it is given.
fn scan(text: &str, remarks: Remarks) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut elements) = (0, 0_usize, 0_usize);
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'<')) {
        at += found;
        let rest = &text[at..];
        if rest.starts_with("<!--") {
            if remarks == Remarks::Refused {
                return Err(Refusal::Comment);
            }
            at += rest.find("-->").ok_or(Refusal::NotXml)?;
        } else if rest.starts_with("<![CDATA[") {
            return Err(Refusal::Shape("a literal section"));
        } else if rest.starts_with("<!") {
            return Err(Refusal::Doctype);
        } else if rest.starts_with("<?") {
            // The declaration is the one that may stand, and only where it belongs.
            if !(at == 0 && rest.starts_with("<?xml ")) && remarks == Remarks::Refused {
                return Err(Refusal::Shape("a processing instruction"));
            }
            at += rest.find("?>").ok_or(Refusal::NotXml)?;
        } else {
            let tag = tag_length(rest).ok_or(Refusal::NotXml)?;
            if rest.starts_with("</") {
                depth = depth.saturating_sub(1);
            } else {
                elements += 1;
                if !rest[..tag].ends_with("/>") {
                    depth += 1;
                }
                if rest[..tag].matches('=').count() > bounds::XML_ATTRIBUTES_PER_ELEMENT_MAX * 2 {
                    return Err(Refusal::TooLarge);
                }
            }
            at += tag;
        }
        if depth > bounds::XML_DEPTH_MAX || elements > bounds::XML_ELEMENTS_MAX {
            return Err(Refusal::TooLarge);
        }
        at = at.max(1);
    }
    Ok(())
}

/// Up to and with the bracket that ends a tag; brackets within quotes do not.
fn tag_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return Some(at + 1),
            _ => (),
        }
    }
    None
}
