//! Answers that have no end somewhere outside their body.

use serde::{Deserialize, Serialize};

/// What has no end.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndlessPart {
    /// Interim answers (RFC 9110 section 15.2) without headers.
    Interim,
    /// Interim answers with headers.
    InterimWithHeaders,
    /// Empty lines before the status line.
    LeadingLines,
    /// The reason phrase.
    Reason,
    /// One header's value.
    HeaderValue,
    /// The number of headers.
    Headers,
    /// Chunks of one byte.
    TinyChunks,
    /// The extension of a chunk.
    ChunkExtension,
    /// Zeros before the size of a chunk.
    ChunkSize,
    /// One trailer's value.
    TrailerValue,
    /// The number of trailers.
    Trailers,
}

impl EndlessPart {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Interim,
        Self::InterimWithHeaders,
        Self::LeadingLines,
        Self::Reason,
        Self::HeaderValue,
        Self::Headers,
        Self::TinyChunks,
        Self::ChunkExtension,
        Self::ChunkSize,
        Self::TrailerValue,
        Self::Trailers,
    ];

    /// What is sent first, and what again and again.
    pub(crate) fn bytes(self) -> (&'static str, String) {
        const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        const TRAILERS: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
        let filler = || "a".repeat(4_000);
        match self {
            Self::Interim => ("", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200)),
            Self::InterimWithHeaders => {
                ("", format!("HTTP/1.1 100 Continue\r\nlink: {}\r\n\r\n", filler()))
            }
            Self::LeadingLines => ("", "\r\n".repeat(2_000)),
            Self::Reason => ("HTTP/1.1 200 ", filler()),
            Self::HeaderValue => ("HTTP/1.1 200 OK\r\nx: ", filler()),
            Self::Headers => ("HTTP/1.1 200 OK\r\n", "x: y\r\n".repeat(600)),
            Self::TinyChunks => (CHUNKED, "1\r\n \r\n".repeat(600)),
            Self::ChunkExtension => {
                ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", filler())
            }
            Self::ChunkSize => (CHUNKED, "0".repeat(4_000)),
            Self::TrailerValue => {
                ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ", filler())
            }
            Self::Trailers => (TRAILERS, "x: y\r\n".repeat(600)),
        }
    }
}
