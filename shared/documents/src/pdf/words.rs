//! The words of the pages: their drawings are followed step by step, as far as steps move or show text.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::limits;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::fonts::{Font, number};
use super::layout::{Layout, Matrix};
use super::pages::{self, entry, resolve};
use super::streams;
use super::syntax::{Lexer, Token};
use crate::bounded::Pages;
use crate::plain;

/// Values before a step. Long lines of finely set text have some thousand.
const OPERANDS_MAX: usize = 20_000;
const SAVED_STATES_MAX: usize = 512;
const ANNOTATIONS_MAX: usize = 5_000;
/// Letters are set apart for looks up to this part of their size. What is wider is a gap between words.
const SPREAD_MAX: f64 = 0.2;
/// Fields that stand for parts of a field.
const FIELD_NESTING_MAX: usize = 8;
/// An annotation that is not shown.
const HIDDEN: i64 = 2;
/// A field for a password.
const SECRET: i64 = 1 << 13;

pub(super) fn read(document: &Document, pages: &Pages) {
    let ids = pages::all(document);
    pages.count(ids.len());
    let nothing = Dictionary::new();
    let mut reader =
        Reader { document, nothing: &nothing, pages, fonts: BTreeMap::new(), steps: 0, layout: Layout::default() };
    for id in ids {
        reader.page(id);
        if !pages.push(std::mem::take(&mut reader.layout).into_text()) {
            return;
        }
    }
}

struct Reader<'a> {
    document: &'a Document,
    /// Resources of a page that has none.
    nothing: &'a Dictionary,
    pages: &'a Pages,
    /// Each font is read once, not once a page.
    fonts: BTreeMap<ObjectId, Rc<Font>>,
    steps: u64,
    layout: Layout,
}

#[derive(Clone)]
struct State {
    page: Matrix,
    text: Matrix,
    line: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_spacing: f64,
    word_spacing: f64,
    /// Stretch of the letters: 1 is none.
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl<'a> Reader<'a> {
    fn page(&mut self, id: ObjectId) {
        let resources = pages::inherited(self.document, id, b"Resources").as_dict().unwrap_or(self.nothing);
        let drawing = pages::drawing(self.document, id);
        self.follow(&drawing, resources, Matrix::IDENTITY, 0);
        // What people filled into a form is drawn apart from the page.
        let Ok(page) = self.document.get_dictionary(id) else { return };
        let Ok(annotations) = entry(self.document, page, b"Annots").as_array() else { return };
        for annotation in annotations.iter().take(ANNOTATIONS_MAX) {
            let annotation = resolve(self.document, annotation);
            if let Some(look) = self.look(annotation) {
                self.drawing(look, resources, Matrix::IDENTITY, 0);
            } else if let Some(value) = self.value(annotation) {
                self.layout.line(&value);
            }
        }
    }

    /// The drawing that shows a field or a note, in its present state.
    fn look(&self, annotation: &'a Object) -> Option<&'a Stream> {
        let annotation = annotation.as_dict().ok()?;
        if !matches!(entry(self.document, annotation, b"Subtype").as_name().ok()?, b"Widget" | b"FreeText") {
            return None;
        }
        if entry(self.document, annotation, b"F").as_i64().unwrap_or_default() & HIDDEN != 0 {
            return None;
        }
        let looks = entry(self.document, annotation, b"AP").as_dict().ok()?;
        match entry(self.document, looks, b"N") {
            Object::Stream(look) => Some(look),
            Object::Dictionary(states) => {
                let state = entry(self.document, annotation, b"AS").as_name().ok()?;
                entry(self.document, states, state).as_stream().ok()
            }
            _ => None,
        }
    }

    /// What was filled into a field that nobody has drawn yet: the program that opens the file is to do so.
    fn value(&self, annotation: &'a Object) -> Option<String> {
        let mut field = annotation.as_dict().ok()?;
        let is_hidden = entry(self.document, field, b"F").as_i64().unwrap_or_default() & HIDDEN != 0;
        if is_hidden || entry(self.document, field, b"Subtype").as_name().ok()? != b"Widget" || field.has(b"AP") {
            return None;
        }
        for _ in 0..FIELD_NESTING_MAX {
            if entry(self.document, field, b"Ff").as_i64().unwrap_or_default() & SECRET != 0 {
                return None;
            }
            if let Ok(value) = entry(self.document, field, b"V").as_str() {
                return Some(plain::decoded(value)?.trim().to_owned()).filter(|value| !value.is_empty());
            }
            field = entry(self.document, field, b"Parent").as_dict().ok()?;
        }
        None
    }

    /// A drawing within a drawing. Its own resources count, if it has any.
    fn drawing(&mut self, stream: &'a Stream, outer: &'a Dictionary, page: Matrix, nesting: usize) {
        if nesting >= limits::PDF_DRAWING_NESTING_MAX {
            self.pages.shorten();
            return;
        }
        let numbers: Vec<f64> = match entry(self.document, &stream.dict, b"Matrix") {
            Object::Array(items) => items.iter().filter_map(|item| number(resolve(self.document, item))).collect(),
            _ => Vec::new(),
        };
        let matrix = <[f64; 6]>::try_from(numbers).map_or(Matrix::IDENTITY, Matrix);
        let resources = entry(self.document, &stream.dict, b"Resources").as_dict().unwrap_or(outer);
        // Unpacking counts as steps, or else drawings that draw each other would unpack without end.
        self.steps += stream.content.len() as u64;
        match streams::plain(self.document, stream, limits::PDF_STREAM_BYTES_MAX) {
            Some(plain) => self.follow(&plain, resources, matrix.then(page), nesting),
            None => self.pages.shorten(),
        }
    }

    fn follow(&mut self, drawing: &[u8], resources: &'a Dictionary, page: Matrix, nesting: usize) {
        let mut lexer = Lexer::new(drawing);
        let mut operands: Vec<Token<'_>> = Vec::new();
        let mut saved: Vec<State> = Vec::new();
        let mut state = State::new(page);
        while let Some(token) = lexer.next() {
            let Token::Word(word) = token else {
                if operands.len() < OPERANDS_MAX {
                    operands.push(token);
                }
                continue;
            };
            if self.must_stop() {
                return;
            }
            match word {
                b"q" if saved.len() < SAVED_STATES_MAX => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"BI" => lexer.skip_inline_picture(),
                b"Do" => {
                    if let Some(Token::Name(name)) = operands.last()
                        && let Ok(stream) = self.resource(resources, b"XObject", name).as_stream()
                        && stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form")
                    {
                        self.drawing(stream, resources, state.page, nesting + 1);
                    }
                }
                b"Tf" => self.choose_font(&mut state, &operands, resources),
                b"Tj" | b"TJ" => self.show(&mut state, &operands),
                b"'" | b"\"" => {
                    if let (b"\"", [word_spacing, letter_spacing, _]) = (word, operands.as_slice()) {
                        state.word_spacing = word_spacing.number().unwrap_or_default();
                        state.letter_spacing = letter_spacing.number().unwrap_or_default();
                    }
                    state.next_line(0.0, -state.leading);
                    self.show(&mut state, operands.last().map(std::slice::from_ref).unwrap_or_default());
                }
                word => state.set(word, &operands),
            }
            operands.clear();
        }
    }

    fn must_stop(&mut self) -> bool {
        self.steps += 1;
        let all_used = self.steps > limits::PDF_STEPS_MAX || self.layout.is_full();
        if all_used {
            self.pages.shorten();
        }
        all_used || self.pages.over()
    }

    fn resource(&self, resources: &'a Dictionary, kind: &[u8], name: &[u8]) -> &'a Object {
        let named = entry(self.document, resources, kind).as_dict();
        named.map_or(&Object::Null, |named| entry(self.document, named, name))
    }

    fn choose_font(&mut self, state: &mut State, operands: &[Token<'_>], resources: &'a Dictionary) {
        let [.., Token::Name(name), size] = operands else { return };
        state.size = size.number().unwrap_or_default();
        state.font = None;
        let fonts = entry(self.document, resources, b"Font").as_dict();
        let Some(font) = fonts.ok().and_then(|fonts| fonts.get(name).ok()) else { return };
        let Ok(found) = resolve(self.document, font).as_dict() else { return };
        let id = font.as_reference().ok();
        if let Some(known) = id.and_then(|id| self.fonts.get(&id)) {
            state.font = Some(Rc::clone(known));
            return;
        }
        let read = Rc::new(Font::read(self.document, found));
        if let Some(id) = id {
            self.fonts.insert(id, Rc::clone(&read));
        }
        state.font = Some(read);
    }

    /// Texts, and between them numbers that move the next text back by thousandths of the size.
    fn show(&mut self, state: &mut State, items: &[Token<'_>]) {
        let Some(font) = state.font.clone() else { return };
        for item in items {
            if let Some(back) = item.number() {
                state.move_on(-back / 1000.0 * state.size * state.stretch);
            }
            let Token::Text(text, _) = item else { continue };
            let mut rest = text.as_slice();
            while !rest.is_empty() && !self.must_stop() {
                let (glyph, length) = font.next(rest);
                rest = rest.get(length..).unwrap_or_default();
                let scale = Matrix([state.size * state.stretch, 0.0, 0.0, state.size, 0.0, state.rise]);
                let start = scale.then(state.text).then(state.page);
                let word_spacing = if glyph.is_space_code { state.word_spacing } else { 0.0 };
                let is_gap = state.letter_spacing.abs() > SPREAD_MAX * state.size.abs();
                let spread = if is_gap { 0.0 } else { state.letter_spacing };
                state.move_on((glyph.width * state.size + spread) * state.stretch);
                let end = Matrix::shift(0.0, state.rise).then(state.text).then(state.page).origin();
                self.layout.place(&glyph.letters, start, end);
                state.move_on((state.letter_spacing - spread + word_spacing) * state.stretch);
            }
        }
    }
}

impl State {
    fn new(page: Matrix) -> Self {
        Self {
            page,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            font: None,
            size: 0.0,
            letter_spacing: 0.0,
            word_spacing: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }

    /// Steps that set the state from numbers alone. Any other step draws what is no text.
    fn set(&mut self, word: &[u8], operands: &[Token<'_>]) {
        let last = |count: usize| -> Option<Vec<f64>> {
            operands.get(operands.len().checked_sub(count)?..)?.iter().map(Token::number).collect()
        };
        let one = || Some(last(1)?[0]);
        let matrix = || last(6).and_then(|six| <[f64; 6]>::try_from(six).ok()).map(Matrix);
        match word {
            b"cm" => self.page = matrix().map_or(self.page, |matrix| matrix.then(self.page)),
            b"BT" => (self.text, self.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
            b"Tm" => {
                self.line = matrix().unwrap_or(self.line);
                self.text = self.line;
            }
            b"Td" | b"TD" => {
                let Some(&[x, y]) = last(2).as_deref() else { return };
                if word == b"TD" {
                    self.leading = -y;
                }
                self.next_line(x, y);
            }
            b"T*" => self.next_line(0.0, -self.leading),
            b"Tc" => self.letter_spacing = one().unwrap_or(self.letter_spacing),
            b"Tw" => self.word_spacing = one().unwrap_or(self.word_spacing),
            b"Tz" => self.stretch = one().map_or(self.stretch, |percent| percent / 100.0),
            b"TL" => self.leading = one().unwrap_or(self.leading),
            b"Ts" => self.rise = one().unwrap_or(self.rise),
            _ => (),
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::shift(x, y).then(self.line);
        self.text = self.line;
    }

    fn move_on(&mut self, x: f64) {
        self.text = Matrix::shift(x, 0.0).then(self.text);
    }
}
