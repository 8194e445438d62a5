//! Reads the body of a request, within a size and a time.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use tokio::time::timeout;

/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is longer than the route takes.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It broke off.
    Broken,
}

/// The whole body, of at most `limit` bytes.
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

    use super::*;

    /// A body of these pieces, and how it ends.
    struct Pieces(Vec<&'static [u8]>, End);

    #[derive(Clone, Copy)]
    enum End {
        Whole,
        Broken,
        Hangs,
    }

    impl Body for Pieces {
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
                End::Whole => Poll::Ready(None),
                End::Broken => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
                End::Hangs => Poll::Pending,
            }
        }
    }

    #[tokio::test]
    async fn a_body_is_read_whole_up_to_its_limit() {
        let body = || Pieces(vec![b"ab", b"", b"cde"], End::Whole);
        assert_eq!(read(body(), 5).await.unwrap(), b"abcde");
        assert_eq!(read(body(), 4).await, Err(BodyError::TooLarge));
        assert_eq!(read(Pieces(vec![], End::Whole), 0).await, Ok(vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_breaks_off_or_hangs_is_refused() {
        for (end, error) in [(End::Broken, BodyError::Broken), (End::Hangs, BodyError::TooSlow)] {
            assert_eq!(read(Pieces(vec![b"a"], end), 9).await, Err(error));
        }
    }
}
