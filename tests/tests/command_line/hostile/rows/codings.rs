//! Bodies that are compressed into bombs, or are not what they say they are (T10).

use std::io::Write as _;

use crate::hostile::{
    good,
    row::{Class, Place, Row, lost, taken, unreadable},
    server::Reply,
};

const PLACES: [Place; 6] = [
    Place::Discovery,
    Place::Registration,
    Place::Management,
    Place::Token,
    Place::Introspection,
    Place::Jwks,
];
/// What a bomb becomes: far beyond what is read.
const BLAST: usize = 4 * 1024 * 1024;

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 65536, 1, 22);
        writer.write_all(bytes).unwrap();
    }
    out
}

/// A frame that repeats one byte (RFC 8878 §3.1.1.2.2, block type RLE), with the window it asks for.
fn zstd(blocks: usize, window: u8) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, window];
    for block in 1..=blocks {
        let last = usize::from(block == blocks);
        let header = (128 * 1024) << 3 | 1 << 1 | last;
        out.extend_from_slice(&u32::try_from(header).unwrap().to_le_bytes()[..3]);
        out.push(b' ');
    }
    out
}

fn coded(coding: &str, body: &[u8]) -> Reply {
    Reply::with(
        "200 OK",
        &[
            "Content-Type: application/json",
            &format!("Content-Encoding: {coding}"),
        ],
        body,
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let zeros = vec![b' '; BLAST];
    let (gz, zl, br) = (gzip(&zeros), zlib(&zeros), brotli(&zeros));
    let zst = zstd(BLAST / (128 * 1024), 0x38);
    let twice = gzip(&gz);
    let mut rows = Vec::new();
    for place in PLACES {
        let body = good::body(place);
        // Names are filled in before a body is compressed, so only bodies without any can be taken.
        let plain = (!body.contains("ISSUER")).then_some(body.as_bytes());
        let lost = [lost(place)];
        let unread = [unreadable(place)];
        let mut add = |input: &str, reply: Reply, expect: &[Class]| {
            rows.push(Row::new("T10", place, input, reply, expect));
        };
        add("gzip bomb", coded("gzip", &gz), &lost);
        add("deflate bomb", coded("deflate", &zl), &lost);
        add("br bomb", coded("br", &br), &lost);
        add("zstd bomb", coded("zstd", &zst), &lost);
        add(
            "zstd that asks for 1 GiB",
            coded("zstd", &zstd(1, 0xa0)),
            &lost,
        );
        add("gzip in gzip bomb", coded("gzip", &twice), &unread);
        add(
            "gzip, gzip bomb",
            coded("gzip, gzip", &twice),
            &[lost[0], unread[0]],
        );
        add(
            "gzip bomb under another name",
            coded("x-gzip", &gz),
            &[lost[0], unread[0]],
        );
        add(
            "gzip that is none",
            coded("gzip", b"this is no gzip at all"),
            &lost,
        );
        add("br that is none", coded("br", &[0xff; 40]), &lost);
        add(
            "zstd that is none",
            coded("zstd", b"this is no zstd at all"),
            &lost,
        );
        add("gzip cut off", coded("gzip", &gz[..gz.len() / 2]), &lost);
        add("an unknown coding", coded("evil", b"{\x00\x01"), &unread);
        add("gzip of nothing", coded("gzip", &gzip(b"")), &unread);
        if let Some(body) = plain {
            add(
                "gzip that is right",
                coded("gzip", &gzip(body)),
                &[taken(place)],
            );
            add(
                "br that is right",
                coded("br", &brotli(body)),
                &[taken(place)],
            );
            add(
                "gzip with a second member",
                coded("gzip", &[gzip(body), gzip(b"   ")].concat()),
                &[taken(place), unread[0]],
            );
        }
    }
    rows
}
