//! Compression in parts: whoever writes a file knows no more of what was written than how long it is and its checksum,
//! and whoever takes gzip is sent the parts as they are.
//!
//! Each part is blocks of a deflate stream that refer to nothing before them and end with a whole byte. With gzip's head
//! before the first one and its tail behind the last, they are one gzip member. (A member for each part would be simpler,
//! but browsers stop after the first one.)

use std::io::{self, Read};

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, read::DeflateDecoder};

/// What comes before the parts: gzip's magic number, deflate, no flags, no time, an unknown system (RFC 1952).
pub(super) const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The last block of a stream, which is empty.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// How long what comes behind the parts is.
pub(super) const TAIL: usize = LAST_BLOCK.len() + 8;

/// How much room there is at least for what comes out next.
const ROOM: usize = 32 * 1024;

/// Compresses a part.
///
/// The library's own writers do not always end a block when they are flushed: a compressor that still holds what did
/// not fit hands only that out, and leaves the flush undone. So it is asked again until it began with nothing held back
/// and ended with room to spare.
pub(super) fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compress = Compress::new(Compression::default(), false);
    let mut part = Vec::new();
    let mut rest = bytes;
    let mut holds_back = false;
    loop {
        part.reserve(ROOM);
        let before = compress.total_in();
        compress.compress_vec(rest, &mut part, FlushCompress::Sync)?;
        let taken = usize::try_from(compress.total_in() - before);
        rest = &rest[taken.map_err(io::Error::other)?..];
        let is_full = part.len() == part.capacity();
        if !is_full && !holds_back {
            return Ok(part);
        }
        holds_back = is_full;
    }
}

/// The bytes that a part stands for.
pub(super) fn inflate(part: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(part.len() * 8);
    DeflateDecoder::new(part.chain(&LAST_BLOCK[..])).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The checksum of a file with more bytes at its end.
pub(super) fn checksum(before: u32, more: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(before);
    hasher.update(more);
    hasher.finalize()
}

/// What comes behind the parts of a file of this checksum and this length.
pub(super) fn tail(checksum: u32, bytes: u64) -> [u8; TAIL] {
    let mut tail = [0; TAIL];
    tail[..2].copy_from_slice(&LAST_BLOCK);
    tail[2..6].copy_from_slice(&checksum.to_le_bytes());
    // Of longer files gzip keeps the last 32 bits of the length.
    tail[6..].copy_from_slice(&bytes.to_le_bytes()[..4]);
    tail
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    /// A file as it is sent to those who take gzip.
    fn gzipped(parts: &[Vec<u8>]) -> Vec<u8> {
        let (mut sum, mut length, mut sent) = (0, 0, HEAD.to_vec());
        for part in parts {
            sum = checksum(sum, part);
            length += part.len() as u64;
            sent.extend(deflate(part).unwrap());
        }
        sent.extend(tail(sum, length));
        sent
    }

    #[test]
    fn an_empty_file_is_one_too() {
        for parts in [vec![], vec![Vec::new()]] {
            let mut read = Vec::new();
            GzDecoder::new(&*gzipped(&parts))
                .read_to_end(&mut read)
                .unwrap();
            assert!(read.is_empty());
        }
    }

    /// Lengths at which the compressor still holds some of its output back when all was given to it.
    #[test]
    fn what_is_held_back_at_the_end_belongs_to_the_part() {
        for (letters, lengths) in [(16, 72_900..73_200), (4, 133_500..133_800)] {
            let mut state = 0x0139_408d_cbbf_7a44_u64;
            let bytes: Vec<_> = std::iter::repeat_with(|| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state % letters).to_le_bytes()[0]
            })
            .take(lengths.end)
            .collect();
            for length in lengths.step_by(25) {
                let part = deflate(&bytes[..length]).unwrap();
                assert!(
                    inflate(&part).unwrap() == bytes[..length],
                    "{length} of {letters}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn all_parts_are_one_member(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3_000), 0..6),
        ) {
            let sent = gzipped(&parts);
            // Reads one member, and says where it ended.
            let mut decoder = flate2::bufread::GzDecoder::new(&*sent);
            let mut read = Vec::new();
            decoder.read_to_end(&mut read).unwrap();
            prop_assert_eq!(read, parts.concat());
            prop_assert!(decoder.into_inner().is_empty());
        }

        #[test]
        fn a_part_is_read_by_itself(bytes in prop::collection::vec(any::<u8>(), 0..3_000)) {
            prop_assert_eq!(inflate(&deflate(&bytes).unwrap()).unwrap(), bytes);
        }
    }
}
