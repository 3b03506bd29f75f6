//! What careless lines and hostile hands do to bytes, drawn from a number.

use documents::Kind;

/// Numbers drawn one after another (splitmix64), the same for the same beginning.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(reader: &str, number: u64) -> Self {
        let name = reader
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(name ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of_these<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.below(these.len())]
    }
}

/// No file grows beyond: what is tested is damage, not size.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Lengths and counts at their ends, as fields of one to eight bytes.
const NUMBERS: &[u64] =
    &[0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff, u64::MAX];

/// One to eight changes, one after another. `other` is a second file, of which pieces may come in.
pub(super) fn damage(bytes: &mut Vec<u8>, other: &[u8], kind: Kind, dice: &mut Dice) {
    for _ in 0..=dice.below(8) {
        if bytes.is_empty() {
            return;
        }
        change(bytes, other, kind, dice);
        bytes.truncate(BYTES_MAX);
    }
}

fn change(bytes: &mut Vec<u8>, other: &[u8], kind: Kind, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let end = |dice: &mut Dice, most: usize| (at + 1 + dice.below(most)).min(bytes.len());
    match dice.below(20) {
        0 => bytes.truncate(at),
        1..=3 => bytes[at] ^= 1 << dice.below(8),
        4 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
        5 | 6 => {
            let end = end(dice, 64);
            bytes.drain(at..end);
        }
        7 => {
            let end = end(dice, 256);
            let piece = bytes[at..end].repeat(1 + dice.below(200));
            bytes.splice(at..at, piece);
        }
        8 | 9 if !other.is_empty() => {
            let from = dice.below(other.len());
            let piece = &other[from..(from + 1 + dice.below(4096)).min(other.len())];
            let until = if dice.one_in(2) { at } else { end(dice, 4096) };
            bytes.splice(at..until, piece.iter().copied());
        }
        10..=13 => field(bytes, at, dice),
        14 => digits(bytes, at, dice),
        _ => {
            let word = dice.of_these(words(kind)).as_bytes();
            let until = if dice.one_in(2) { at } else { (at + word.len()).min(bytes.len()) };
            bytes.splice(at..until, word.iter().copied());
        }
    }
}

/// A number in binary, where formats have lengths, offsets and counts.
fn field(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let width = *dice.of_these(&[1, 2, 2, 4, 4, 4, 8]);
    let at = if dice.one_in(3) { at } else { at / width * width };
    let number = if dice.one_in(4) { dice.next() } else { *dice.of_these(NUMBERS) };
    let field: Vec<u8> = match dice.one_in(2) {
        true => number.to_le_bytes()[..width].to_vec(),
        false => number.to_be_bytes()[8 - width..].to_vec(),
    };
    let end = (at + width).min(bytes.len());
    bytes.splice(at..end, field);
}

/// The next number in digits, where formats of text have theirs.
fn digits(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    const DIGITS: &[&str] = &["0", "-1", "1", "65536", "2147483648", "4294967295", "99999999999999999999", "0.0000001"];
    let Some(first) = bytes[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else { return };
    let end = bytes[first..].iter().position(|byte| !byte.is_ascii_digit()).map_or(bytes.len(), |found| first + found);
    let digits = dice.of_these(DIGITS).bytes();
    bytes.splice(first..end, digits);
}

/// What the readers of a kind listen to.
fn words(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pdf => &[
            "obj",
            "endobj",
            "stream\n",
            "endstream",
            "xref\n",
            "trailer",
            "startxref\n9",
            "<<",
            ">>",
            "[",
            "]",
            "(",
            "<",
            "/Kids [3 0 R]",
            "/Parent 1 0 R",
            "1 0 R",
            "/Length 4294967295",
            "/Length 1 0 R",
            "/Filter [/FlateDecode \
             /FlateDecode]",
            "/DecodeParms << /Predictor 15 /Columns 99999999 >>",
            "/Encrypt 1 0 R",
            "/Prev 9",
            " BT ",
            " ET ",
            " q ",
            " Q ",
            " Do ",
            " Tj ",
            " TJ ",
            " Tf ",
            " Td ",
            " cm ",
            " re f ",
            " ' ",
            "beginbfrange",
            "endbfchar",
            "/ToUnicode",
            "/W [0 65535 1]",
            "/Type /ObjStm",
            "/N 99999",
            "/First 0",
            "/Index [0 99999999]",
            "/W [8 8 8]",
            "/MediaBox [0 0 1e30 1e30]",
            "/Rotate 90",
            "/ByteRange [0 1 2 3]",
            "/Type /Pages",
            "/Count -1",
            "\\",
            "BI /W 9 ID",
        ],
        Kind::Rtf => &[
            "{",
            "}",
            "\\u",
            "\\uc65535",
            "\\bin99",
            "\\'",
            "{\\*",
            "\\v",
            "\\page",
            "\\fonttbl",
            "\\fcharset128",
            "\\htmlrtf",
            "\\fromhtml1",
            "\\cell",
            "\\row",
            "\\u-10179?",
        ],
        Kind::Eml => &[
            "\r\n\r\n",
            "\r\n",
            "Content-Type: multipart/mixed; boundary=\"a\"\r\n",
            "Content-Type: message/rfc822\r\n",
            "Content-Transfer-Encoding: base64\r\n",
            "--a\r\n",
            "--a--\r\n",
            "=?utf-8?B?",
            "=?utf-8?Q?",
            "?=",
            "=\r\n",
            "=FF",
            "filename*0*=utf-8''%ff",
            "charset=utf-7",
            "charset=iso-2022-jp",
            "\u{1b}$B",
            "<",
            "\"",
            ";",
        ],
        Kind::Html => {
            &["<", "</", "/>", "<script>", "</script", "<!--", "-->", "<style>", "&#", "&#x110000;", "&amp", "\"", "'"]
        }
        Kind::Csv | Kind::Txt => {
            &["\"", "\"\"", "\r\n", "\r", ";", ",", "\t", "sep=", "\0", "\u{feff}", "\u{fffe}", "|"]
        }
        Kind::Msg => &[
            "__substg1.0_",
            "__attach_version1.0_#",
            "__recip_version1.0_#",
            "LZFu",
            "MELA",
            "\u{1}\0",
            "R\0o\0o\0t\0",
        ],
        // Of packages: names and signs of their XML.
        _ => &[
            "<",
            ">",
            "</",
            "/>",
            "&#",
            "&amp;",
            ";",
            "\"",
            "<![CDATA[",
            "]]>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]>",
            "&b;",
            "<?xml encoding=\"utf-16\"?>",
            "<w:t>",
            "</w:t>",
            "<w:p>",
            "<w:tbl>",
            "<w:ins>",
            "<w:del>",
            "<a:t>",
            "<row>",
            "<c t=\"s\">",
            "<v>",
            "<si>",
            "<text:p>",
            "</text:p>",
            "<text:s text:c=\"4294967295\"/>",
            "<table:table-row>",
            "table:number-rows-repeated=\"1048576\"",
            "table:number-columns-repeated=\"16384\"",
            "<text:note>",
            "r:id=\"rId1\"",
            "../../",
            "PK\x03\x04",
            "PK\x01\x02",
            "PK\x05\x06",
        ],
    }
}
