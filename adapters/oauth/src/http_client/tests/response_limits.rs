//! Responses that are too long, or have no end.

use super::*;

#[tokio::test]
async fn send_refuses_body_over_one_mebibyte() {
    let body = |length: u64| "x".repeat(usize::try_from(length).unwrap());
    let whole = move |length| move || Answer::Whole(200, String::new(), body(length));
    assert_eq!(sent(whole(MAX_REPLY_LEN)).await, Ok(200));
    assert_eq!(sent(whole(MAX_REPLY_LEN + 1)).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn default_limits_refuse_body_over_256_kib() {
    for (length, expected) in [(256 << 10, Ok(200)), ((256 << 10) + 1, Err(256 << 10))] {
        let server = Server::start(move |_| Answer::Whole(200, String::new(), "x".repeat(length)));
        let sent = http().send(get(server.await.at("/x")), Limits::default()).await;
        let sent = sent.map(|answer| answer.status().as_u16());
        assert_eq!(sent, expected.map_err(HttpError::TooLarge));
    }
}

#[tokio::test]
async fn send_refuses_endless_body_at_one_mebibyte() {
    assert_eq!(sent(|| Answer::Endless).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn send_refuses_endless_response_part() {
    const CHUNKED: &str = "HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n";
    let filler = "a".repeat(4_096);
    for (first, again) in [
        (String::new(), "HTTP/1.1 103 x\r\n\r\n".to_owned()),
        (String::new(), format!("HTTP/1.1 100 x\r\na: {filler}\r\n\r\n")),
        (String::new(), "\r\n".repeat(100)),
        ("HTTP/1.1 200 ".to_owned(), filler.clone()),
        ("HTTP/1.1 200 x\r\na: ".to_owned(), filler.clone()),
        ("HTTP/1.1 200 x\r\n".to_owned(), "a: b\r\n".to_owned()),
        (format!("{CHUNKED}1;"), filler.clone()),
        (CHUNKED.to_owned(), "0".repeat(4_096)),
        (CHUNKED.to_owned(), format!("1;{filler}\r\na\r\n")),
        (CHUNKED.to_owned(), "1\r\na\r\n".repeat(100)),
        (format!("{CHUNKED}0\r\na: "), filler.clone()),
        (format!("{CHUNKED}0\r\n"), "a: b\r\n".to_owned()),
    ] {
        let shown = format!("{first}{again}").chars().take(60).collect::<String>();
        let answer = move || Answer::Repeat(first.clone().into(), again.clone().into());
        let error = sent(answer).await.unwrap_err();
        let expected = matches!(error, HttpError::WithoutEnd(_) | HttpError::TooLarge(_));
        assert!(expected || matches!(error, HttpError::Unreachable(_)), "{shown:?}: {error}");
    }
}

#[tokio::test]
async fn send_skips_few_interim_responses_and_refuses_endless_ones() {
    let interim = "HTTP/1.1 103 x\r\nlink: </a>\r\n\r\n";
    let few = || Answer::Raw(format!("{}HTTP/1.1 204 x\r\n\r\n", interim.repeat(5)).into());
    assert_eq!(sent(few).await, Ok(204));
    let endless = || Answer::Repeat(vec![], interim.into());
    assert_eq!(sent(endless).await, Err(HttpError::WithoutEnd(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn connection_reuse_resets_the_byte_allowance() {
    // Nine bodies of one MiB over one connection.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = format!("HTTP/1.1 200 x\r\ncontent-length: {MAX_REPLY_LEN}\r\n\r\n");
        let answer = [head.into_bytes(), vec![b'x'; 1 << 20]].concat();
        loop {
            let mut request = [0; 4_096];
            if stream.read(&mut request).await.unwrap() == 0 {
                break;
            }
            stream.write_all(&answer).await.unwrap();
        }
    });
    let http = http();
    let limits = Limits { max_len: MAX_REPLY_LEN, ..Limits::default() };
    for _ in 0..9 {
        let answer = http.send(get(url.clone()), limits).await.unwrap();
        assert_eq!(answer.body().len() as u64, MAX_REPLY_LEN);
    }
}

#[tokio::test]
async fn send_refuses_long_body_without_content_length() {
    let answer = || {
        let mut bytes = b"HTTP/1.1 200 x\r\n\r\n".to_vec();
        bytes.resize(2 << 20, b'x');
        Answer::Raw(bytes)
    };
    assert_eq!(sent(answer).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn send_refuses_content_length_over_limit_before_the_body() {
    let answer = || Answer::Stall(b"HTTP/1.1 200 x\r\ncontent-length: 1073741824\r\n\r\nx".into());
    assert_eq!(sent(answer).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}
