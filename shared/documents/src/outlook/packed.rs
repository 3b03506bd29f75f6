//! The packing of rich text in Outlook's messages: bytes as they are, and copies of what came before.

use domain::document::RejectReason;

/// What "came before" at the start, so that short texts pack well.
const BEFORE: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const HEAD_BYTES: usize = 16;
const WINDOW_BYTES: usize = 4096;

/// A step of two bytes writes seventeen at most, so that nothing unpacks to more than nine times itself.
pub(super) fn unpacked(packed: &[u8]) -> Result<Vec<u8>, RejectReason> {
    let body = packed.get(HEAD_BYTES..).ok_or(RejectReason::Unreadable)?;
    let size = u32::from_le_bytes([packed[4], packed[5], packed[6], packed[7]]) as usize;
    match &packed[8..12] {
        b"MELA" => return Ok(body[..size.min(body.len())].to_vec()),
        b"LZFu" => (),
        _ => return Err(RejectReason::Unreadable),
    }
    let mut window = [b' '; WINDOW_BYTES];
    window[..BEFORE.len()].copy_from_slice(BEFORE);
    let mut at = BEFORE.len();
    let mut content = Vec::new();
    let mut write = |byte: u8, window: &mut [u8; WINDOW_BYTES], at: &mut usize| {
        window[*at] = byte;
        *at = (*at + 1) % WINDOW_BYTES;
        content.push(byte);
    };
    let mut bytes = body.iter().copied();
    'packed: while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { break 'packed };
            if flags & (1 << bit) == 0 {
                write(first, &mut window, &mut at);
                continue;
            }
            let Some(second) = bytes.next() else { break 'packed };
            let from = (usize::from(first) << 4) | usize::from(second >> 4);
            // A copy of what is about to be written is the end.
            if from == at {
                break 'packed;
            }
            for offset in 0..usize::from(second & 15) + 2 {
                write(window[(from + offset) % WINDOW_BYTES], &mut window, &mut at);
            }
        }
    }
    content.truncate(size.max(1));
    Ok(content)
}
