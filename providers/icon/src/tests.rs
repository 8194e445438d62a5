//! Allowed and refused icons.

use rstest::rstest;

use super::*;

const OPEN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">"#;

fn sanitised(inner: &str) -> Result<String, Refused> {
    sanitise(&format!("{OPEN}{inner}</svg>"))
}

/// The elements within the sanitised icon.
fn shapes(inner: &str) -> String {
    let whole = sanitised(inner).unwrap_or_else(|refused| panic!("{inner}: {refused}"));
    whole.strip_prefix(OPEN).unwrap().strip_suffix("</svg>").unwrap().to_owned()
}

#[rstest]
#[case::empty("")]
#[case::path(r#"<path d="M12.5 12H22m-3 0v4m-3.5 -4v3"/>"#)]
#[case::group_with_circle(
    r##"<g fill="#1f5fbf" stroke="none"><circle cx="8" cy="12" r="4.5"/></g>"##
)]
#[case::rectangle_and_line(
    r#"<rect x="1" y="2" width="3" height="4" rx="0.5"/><line x1="0" y1="0" x2="1" y2="-1"/>"#
)]
#[case::ellipse(r#"<ellipse cx="1" cy="1" rx="2" ry="3" fill="currentColor" fill-opacity="0.5"/>"#)]
#[case::polygon_and_polyline(
    r#"<polygon points="0 0 1 1 2 0" fill-rule="evenodd"/><polyline points="0 0 1 1"/>"#
)]
#[case::transform(
    r#"<g transform="translate(1 2) rotate(45) scale(2)"><path d="M0 0a1 1 0 01 5 5Z"/></g>"#
)]
fn sanitise_keeps_shapes(#[case] inner: &str) {
    assert_eq!(shapes(inner), inner.replace("01 5", "0 1 5"));
}

#[rstest]
#[case::path_numbers(r#"<path d="M0,0 10-5.5.5 1e1z"/>"#, r#"<path d="M0 0 10 -5.5 0.5 10z"/>"#)]
#[case::arc_flags(
    r#"<path d=" m 1 1 a.5.5,0,1,0.1.1 "/>"#,
    r#"<path d="m1 1a0.5 0.5 0 1 0 0.1 0.1"/>"#
)]
#[case::unit_and_negative_zero(r#"<circle r="1.00004px" cx="-0"/>"#, r#"<circle r="1" cx="0"/>"#)]
#[case::colour_function(r#"<g fill="rgb( 1, 2 ,3 )"/>"#, r#"<g fill="rgb(1,2,3)"></g>"#)]
#[case::quotes_and_entity("<path d='M0 0' fill='&#x72;ed'/>", r#"<path d="M0 0" fill="red"/>"#)]
#[case::comment_title_and_defs(
    "<g><!-- a comment -->\n <title>A <b>name</b></title><defs/></g>",
    "<g></g>"
)]
#[case::attributes_without_effect(
    r#"<g id="a" class="b" data-c="d" aria-hidden="true" xml:space="preserve"/>"#,
    "<g></g>"
)]
fn sanitise_formats_values(#[case] inner: &str, #[case] expected: &str) {
    assert_eq!(shapes(inner), expected);
}

#[test]
fn sanitise_requires_view_box_or_size() {
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

#[rstest]
#[case::script("<script>x</script>")]
#[case::style("<style>*{}</style>")]
#[case::reference("<use href='#a'/>")]
#[case::link("<a href='/'><path d='M0 0'/></a>")]
#[case::image("<image href='x'/>")]
#[case::foreign_object("<foreignObject/>")]
#[case::text("<text>x</text>")]
#[case::animate("<animate attributeName='d'/>")]
#[case::set("<set attributeName='d'/>")]
#[case::filter("<filter/>")]
#[case::mask("<mask/>")]
#[case::pattern("<pattern/>")]
#[case::clip_path("<clipPath/>")]
#[case::gradient("<linearGradient/>")]
#[case::symbol("<symbol/>")]
#[case::nested_svg("<svg viewBox='0 0 1 1'/>")]
#[case::switch("<switch/>")]
#[case::defs_with_path("<defs><path id='a' d='M0 0'/></defs>")]
#[case::marker("<marker/>")]
#[case::upper_case("<Path d='M0 0'/>")]
#[case::other_namespace("<h:script xmlns:h='http://www.w3.org/1999/xhtml'/>")]
#[case::undeclared_namespace("<x:path xmlns:x='urn:x' d='M0 0'/>")]
#[case::no_namespace("<path xmlns='' d='M0 0'/>")]
#[case::reference_in_path("<path d='M0 0'><use href='#a'/></path>")]
#[case::path_in_path("<path d='M0 0'><path d='M0 0'/></path>")]
#[case::script_in_groups("<g><g><script/></g></g>")]
fn sanitise_refuses_element(#[case] inner: &str) {
    let result = sanitised(inner);
    assert!(matches!(result, Err(Refused::Element(_))), "{result:?}");
}

#[test]
fn sanitise_refuses_script_at_any_depth() {
    for inner in
        ["<script>x</script>", "<g><g><script/></g></g>", "<path d='M0 0'><script/></path>"]
    {
        assert_eq!(sanitised(inner), Err(Refused::Element("script".into())), "{inner}");
    }
}

#[test]
fn sanitise_refuses_text_and_processing_instructions() {
    for text in ["x", "<g>x</g>", "<path d='M0 0'>x</path>", "<![CDATA[x]]>", "<?x y?>"] {
        assert_eq!(sanitised(text), Err(Refused::Text), "{text}");
    }
    let sheet = format!("<?xml-stylesheet href='x'?>{OPEN}</svg>");
    assert_eq!(sanitise(&sheet), Err(Refused::Text));
    let declared = format!("<?xml version='1.0' encoding='UTF-8'?>\n{OPEN}</svg>");
    assert!(sanitise(&declared).is_ok());
}

#[rstest]
#[case::style("style='fill:red'")]
#[case::href("href='#a'")]
#[case::xlink_href("xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='#a'")]
#[case::onload("onload='x'")]
#[case::onclick("onclick='x'")]
#[case::filter("filter='url(#a)'")]
#[case::mask("mask='url(#a)'")]
#[case::clip_path("clip-path='url(#a)'")]
#[case::marker("marker-end='url(#a)'")]
#[case::font_family("font-family='x'")]
#[case::xml_base("xml:base='http://x'")]
#[case::ping("ping='/'")]
fn sanitise_refuses_attribute(#[case] attribute: &str) {
    let result = sanitised(&format!("<path d='M0 0' {attribute}/>"));
    assert!(matches!(result, Err(Refused::Attribute(_))), "{result:?}");
}

#[rstest]
#[case::fill_reference("fill='url(#a)'")]
#[case::fill_external_reference("fill='url(http://x)'")]
#[case::fill_with_fallback("fill='red url(#a)'")]
#[case::fill_variable("fill='var(--a)'")]
#[case::fill_two_digits("fill='#12'")]
#[case::fill_not_hexadecimal("fill='#12345g'")]
#[case::fill_empty("fill=''")]
#[case::fill_two_components("fill='rgb(1,2)'")]
#[case::fill_component_too_large("fill='rgb(1,2,300)'")]
#[case::stroke_context("stroke='context-fill'")]
#[case::number_too_large_exponent("r='1e9'")]
#[case::number_over_limit("r='100001'")]
#[case::number_nan("r='NaN'")]
#[case::number_infinite("r='inf'")]
#[case::number_percent("r='50%'")]
#[case::number_em("r='1em'")]
#[case::number_empty("r=''")]
#[case::number_hexadecimal("r='0x1'")]
#[case::two_numbers("cx='1 2'")]
#[case::odd_points("points='0 0 1'")]
#[case::dashes("stroke-dasharray='0.001'")]
#[case::scale_over_limit("transform='scale(10001)'")]
#[case::product_of_scales_over_limit("transform='scale(1000) scale(1000)'")]
#[case::unknown_function("transform='x(1)'")]
#[case::matrix_of_three("transform='matrix(1 2 3)'")]
#[case::skew_near_90("transform='skewX(89.9)'")]
#[case::unclosed_function("transform='translate(1'")]
#[case::path_without_move("d='L0 0'")]
#[case::path_without_arguments("d='M0'")]
#[case::unknown_command("d='M0 0X'")]
#[case::invalid_arc_flag("d='M0 0 a1 1 0 2 0 1 1'")]
#[case::path_number_over_limit("d='M1e5 1e6'")]
#[case::path_semicolon("d='M0 0;'")]
#[case::quotation_mark("d='M0 0\"/><script/>'")]
#[case::unknown_fill_rule("fill-rule='x'")]
#[case::line_cap_reference("stroke-linecap='url(#a)'")]
fn sanitise_refuses_value(#[case] attribute: &str) {
    let result = sanitised(&format!("<g {attribute}/>"));
    assert!(matches!(result, Err(Refused::Value(_) | Refused::NoXml(_))), "{result:?}");
}

#[test]
fn sanitise_refuses_nested_scales_over_limit() {
    let nested =
        "<g transform='scale(100)'><g transform='scale(100)'><g transform='scale(2)'/></g></g>";
    assert_eq!(sanitised(nested), Err(Refused::Value("transform".into())));
}

#[rstest]
#[case::entity(format!("<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>{OPEN}&b;</svg>"))]
#[case::external_document_type(format!("<!DOCTYPE svg SYSTEM 'http://x'>{OPEN}</svg>"))]
#[case::undeclared_entity(format!("{OPEN}&b;</svg>"))]
#[case::unclosed_root(OPEN.to_owned())]
#[case::two_roots(format!("{OPEN}</svg><svg/>"))]
#[case::duplicate_attribute(format!("{OPEN}<path d='M0 0' d='M1 1'/></svg>"))]
#[case::too_many_nodes(format!("{OPEN}{}</svg>", "<g/>".repeat(2_000)))]
#[case::unclosed_groups(format!("{OPEN}{}", "<g>".repeat(10_000)))]
#[case::empty(String::new())]
#[case::nul("\u{0}".to_owned())]
#[case::not_xml("not xml".to_owned())]
fn sanitise_refuses_document(#[case] icon: String) {
    let result = sanitise(&icon);
    assert!(matches!(result, Err(Refused::NoXml(_))), "{result:?}");
}

#[test]
fn sanitise_refuses_icon_over_limits() {
    let deep = format!("{}{}", "<g>".repeat(20), "</g>".repeat(20));
    assert_eq!(sanitised(&deep), Err(Refused::TooDeep));
    let long = format!("{OPEN}{}</svg>", " ".repeat(MAX_LEN));
    assert_eq!(sanitise(&long), Err(Refused::TooLong));
    let numbers = format!("<path d='M{}'/>", "0 ".repeat(5_000));
    assert_eq!(sanitised(&numbers), Err(Refused::Value("d".into())));
    let closed = format!("<path d='M0 0{}'/>", "z".repeat(5_000));
    assert_eq!(sanitised(&closed), Err(Refused::Value("d".into())));
}

#[test]
fn sanitise_is_idempotent() {
    let icon = sanitised(r##"<g fill="#FFF"><path d="m.5-.5 1 1A1 1 0 0 1 2 2"/></g>"##).unwrap();
    assert_eq!(sanitise(&icon), Ok(icon));
}
