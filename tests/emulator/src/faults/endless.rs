//! Responses with an endless part outside the body.

use serde::{Deserialize, Serialize};

/// The endless part of a response.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndlessPart {
    /// Interim responses (RFC 9110 section 15.2) without headers.
    Interim,
    /// Interim responses with headers.
    InterimWithHeaders,
    /// Empty lines before the status line.
    LeadingLines,
    /// The reason phrase.
    Reason,
    /// The value of one header.
    HeaderValue,
    /// The number of headers.
    Headers,
    /// One-byte chunks.
    TinyChunks,
    /// The extension of a chunk.
    ChunkExtension,
    /// Leading zeros of a chunk size.
    ChunkSize,
    /// The value of one trailer.
    TrailerValue,
    /// The number of trailers.
    Trailers,
}

impl EndlessPart {
    /// Every part.
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

    /// The bytes sent first, and the bytes repeated until the client closes the connection.
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
