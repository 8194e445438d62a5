//! What is shown, and what is not.

use super::*;

const OPEN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">"#;

fn within(inner: &str) -> Result<String, Refused> {
    sanitise(&format!("{OPEN}{inner}</svg>"))
}

fn shown(inner: &str) -> String {
    let whole = within(inner).unwrap_or_else(|refused| panic!("{inner}: {refused}"));
    whole.strip_prefix(OPEN).unwrap().strip_suffix("</svg>").unwrap().to_owned()
}

#[test]
fn shapes_stay_as_they_are() {
    for same in [
        "",
        r#"<path d="M12.5 12H22m-3 0v4m-3.5 -4v3"/>"#,
        r##"<g fill="#1f5fbf" stroke="none"><circle cx="8" cy="12" r="4.5"/></g>"##,
        r#"<rect x="1" y="2" width="3" height="4" rx="0.5"/><line x1="0" y1="0" x2="1" y2="-1"/>"#,
        r#"<ellipse cx="1" cy="1" rx="2" ry="3" fill="currentColor" fill-opacity="0.5"/>"#,
        r#"<polygon points="0 0 1 1 2 0" fill-rule="evenodd"/><polyline points="0 0 1 1"/>"#,
        r#"<g transform="translate(1 2) rotate(45) scale(2)"><path d="M0 0a1 1 0 01 5 5Z"/></g>"#,
    ] {
        assert_eq!(shown(same), same.replace("01 5", "0 1 5"));
    }
}

#[test]
fn numbers_paths_and_colours_are_written_anew() {
    for (written, anew) in [
        (r#"<path d="M0,0 10-5.5.5 1e1z"/>"#, r#"<path d="M0 0 10 -5.5 0.5 10z"/>"#),
        (r#"<path d=" m 1 1 a.5.5,0,1,0.1.1 "/>"#, r#"<path d="m1 1a0.5 0.5 0 1 0 0.1 0.1"/>"#),
        (r#"<circle r="1.00004px" cx="-0"/>"#, r#"<circle r="1" cx="0"/>"#),
        (r#"<g fill="rgb( 1, 2 ,3 )"/>"#, r#"<g fill="rgb(1,2,3)"></g>"#),
        ("<path d='M0 0' fill='&#x72;ed'/>", r#"<path d="M0 0" fill="red"/>"#),
        ("<g><!-- a comment -->\n <title>A <b>name</b></title><defs/></g>", "<g></g>"),
        (r#"<g id="a" class="b" data-c="d" aria-hidden="true" xml:space="preserve"/>"#, "<g></g>"),
    ] {
        assert_eq!(shown(written), anew);
    }
}

#[test]
fn an_icon_has_a_view_box_or_a_size() {
    let sized = r#"<svg xmlns="http://www.w3.org/2000/svg" width="24px" height="12"/>"#;
    let whole = sanitise(sized).unwrap();
    assert_eq!(whole, r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12"></svg>"#);
    let svg = |attributes: &str| {
        sanitise(&format!(r#"<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>"#))
    };
    for none in [
        "",
        r#"width="24""#,
        r#"viewBox="0 0 24""#,
        r#"viewBox="0 0 0 24""#,
        r#"viewBox="0 0 -1 1""#,
        r#"width="100%" height="100%""#,
        r#"viewBox="0 0 1e9 1""#,
        r#"viewBox="a b c d""#,
    ] {
        assert_eq!(svg(none), Err(Refused::NoSvg), "{none}");
    }
    let no_namespace = r#"<svg viewBox="0 0 1 1"/>"#;
    for none in [no_namespace, "<html/>", r#"<svg xmlns="http://www.w3.org/1999/xhtml"/>"#] {
        assert_eq!(sanitise(none), Err(Refused::NoSvg), "{none}");
    }
}

#[test]
fn nothing_but_shapes_is_shown() {
    for inner in [
        "<script>x</script>",
        "<style>*{}</style>",
        "<use href='#a'/>",
        "<a href='/'><path d='M0 0'/></a>",
        "<image href='x'/>",
        "<foreignObject/>",
        "<text>x</text>",
        "<animate attributeName='d'/>",
        "<set attributeName='d'/>",
        "<filter/>",
        "<mask/>",
        "<pattern/>",
        "<clipPath/>",
        "<linearGradient/>",
        "<symbol/>",
        "<svg viewBox='0 0 1 1'/>",
        "<switch/>",
        "<defs><path id='a' d='M0 0'/></defs>",
        "<marker/>",
        "<Path d='M0 0'/>",
        "<h:script xmlns:h='http://www.w3.org/1999/xhtml'/>",
        "<x:path xmlns:x='urn:x' d='M0 0'/>",
        "<path xmlns='' d='M0 0'/>",
        "<path d='M0 0'><use href='#a'/></path>",
        "<path d='M0 0'><path d='M0 0'/></path>",
        "<g><g><script/></g></g>",
    ] {
        assert!(matches!(within(inner), Err(Refused::Element(_))), "{inner}: {:?}", within(inner));
    }
    for text in ["x", "<g>x</g>", "<path d='M0 0'>x</path>", "<![CDATA[x]]>", "<?x y?>"] {
        assert_eq!(within(text), Err(Refused::Text), "{text}");
    }
    let sheet = format!("<?xml-stylesheet href='x'?>{OPEN}</svg>");
    assert_eq!(sanitise(&sheet), Err(Refused::Text));
    let declared = format!("<?xml version='1.0' encoding='UTF-8'?>\n{OPEN}</svg>");
    assert!(sanitise(&declared).is_ok());
}

#[test]
fn nothing_that_refers_or_runs_is_an_attribute() {
    for attribute in [
        "style='fill:red'",
        "href='#a'",
        "xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='#a'",
        "onload='x'",
        "onclick='x'",
        "filter='url(#a)'",
        "mask='url(#a)'",
        "clip-path='url(#a)'",
        "marker-end='url(#a)'",
        "font-family='x'",
        "xml:base='http://x'",
        "ping='/'",
    ] {
        let within = within(&format!("<path d='M0 0' {attribute}/>"));
        assert!(matches!(within, Err(Refused::Attribute(_))), "{attribute}: {within:?}");
    }
}

#[test]
fn values_are_what_their_attribute_holds_and_within_the_limits() {
    for attribute in [
        "fill='url(#a)'",
        "fill='url(http://x)'",
        "fill='red url(#a)'",
        "fill='var(--a)'",
        "fill='#12'",
        "fill='#12345g'",
        "fill=''",
        "fill='rgb(1,2)'",
        "fill='rgb(1,2,300)'",
        "stroke='context-fill'",
        "r='1e9'",
        "r='100001'",
        "r='NaN'",
        "r='inf'",
        "r='50%'",
        "r='1em'",
        "r=''",
        "r='0x1'",
        "cx='1 2'",
        "points='0 0 1'",
        "stroke-dasharray='0.001'",
        "transform='scale(10001)'",
        "transform='scale(1000) scale(1000)'",
        "transform='x(1)'",
        "transform='matrix(1 2 3)'",
        "transform='skewX(89.9)'",
        "transform='translate(1'",
        "d='L0 0'",
        "d='M0'",
        "d='M0 0X'",
        "d='M0 0 a1 1 0 2 0 1 1'",
        "d='M1e5 1e6'",
        "d='M0 0;'",
        "d='M0 0\"/><script/>'",
        "fill-rule='x'",
        "stroke-linecap='url(#a)'",
    ] {
        let within = within(&format!("<g {attribute}/>"));
        let refused = matches!(within, Err(Refused::Value(_) | Refused::NoXml(_)));
        assert!(refused, "{attribute}: {within:?}");
    }
    let nested =
        "<g transform='scale(100)'><g transform='scale(100)'><g transform='scale(2)'/></g></g>";
    assert_eq!(within(nested), Err(Refused::Value("transform".into())));
}

#[test]
fn documents_that_grow_or_have_no_end_are_refused() {
    let laughs = "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>";
    for text in [
        format!("{laughs}{OPEN}&b;</svg>"),
        format!("<!DOCTYPE svg SYSTEM 'http://x'>{OPEN}</svg>"),
        format!("{OPEN}&b;</svg>"),
        OPEN.to_owned(),
        format!("{OPEN}</svg><svg/>"),
        format!("{OPEN}<path d='M0 0' d='M1 1'/></svg>"),
        format!("{OPEN}{}</svg>", "<g/>".repeat(2_000)),
        format!("{OPEN}{}", "<g>".repeat(10_000)),
        String::new(),
        "\u{0}".to_owned(),
        "not xml".to_owned(),
    ] {
        let refused = sanitise(&text);
        assert!(matches!(refused, Err(Refused::NoXml(_))), "{:.60}: {refused:?}", text);
    }
    let deep = format!("{}{}", "<g>".repeat(20), "</g>".repeat(20));
    assert_eq!(within(&deep), Err(Refused::TooDeep));
    let long = format!("{OPEN}{}</svg>", " ".repeat(MAX_LEN));
    assert_eq!(sanitise(&long), Err(Refused::TooLong));
    let numbers = format!("<path d='M{}'/>", "0 ".repeat(5_000));
    assert_eq!(within(&numbers), Err(Refused::Value("d".into())));
    let closed = format!("<path d='M0 0{}'/>", "z".repeat(5_000));
    assert_eq!(within(&closed), Err(Refused::Value("d".into())));
}

#[test]
fn what_is_written_is_written_the_same_again() {
    let icon = within(r##"<g fill="#FFF"><path d="m.5-.5 1 1A1 1 0 0 1 2 2"/></g>"##).unwrap();
    assert_eq!(sanitise(&icon), Ok(icon));
}
