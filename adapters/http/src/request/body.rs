//! Reads the body of a request, with a size limit and a timeout.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use tokio::time::timeout;

/// Timeout for the whole body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It exceeds the limit of the route.
    TooLarge,
    /// The timeout was reached.
    TooSlow,
    /// The connection failed, or the framing is invalid.
    Broken,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read<B>(body: B, limit: usize) -> Result<Vec<u8>, BodyError>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let read = timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await;
    let collected = read.map_err(|_| BodyError::TooSlow)?.map_err(|error| match error
        .is::<LengthLimitError>(
    ) {
        true => BodyError::TooLarge,
        false => BodyError::Broken,
    })?;
    Ok(collected.to_bytes().into())
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };

    use hyper::body::{Bytes, Frame};
    use rstest::rstest;

    use super::*;

    /// A body of these chunks, and how it ends.
    struct Chunks(Vec<&'static [u8]>, End);

    #[derive(Clone, Copy)]
    enum End {
        Complete,
        Broken,
        Hangs,
    }

    impl Body for Chunks {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            match self.1 {
                _ if !self.0.is_empty() => {
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(self.0.remove(0))))))
                }
                End::Complete => Poll::Ready(None),
                End::Broken => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
                End::Hangs => Poll::Pending,
            }
        }
    }

    #[tokio::test]
    async fn read_returns_body_within_limit_and_refuses_larger() {
        let body = || Chunks(vec![b"ab", b"", b"cde"], End::Complete);
        assert_eq!(read(body(), 5).await.unwrap(), b"abcde");
        assert_eq!(read(body(), 4).await, Err(BodyError::TooLarge));
        assert_eq!(read(Chunks(vec![], End::Complete), 0).await, Ok(vec![]));
    }

    #[rstest]
    #[case::broken(End::Broken, BodyError::Broken)]
    #[case::hanging(End::Hangs, BodyError::TooSlow)]
    #[tokio::test(start_paused = true)]
    async fn read_refuses_incomplete_body(#[case] end: End, #[case] error: BodyError) {
        assert_eq!(read(Chunks(vec![b"a"], end), 9).await, Err(error));
    }
}
