//! Sanitises the icons of plug-ins. An SVG can contain scripts, links, references that multiply (`use`),
//! animations and whole pages; an icon needs shapes.
//!
//! [`sanitise`] parses an icon as XML and writes a new document with the elements and attributes of its
//! allow-lists. Every value is parsed and formatted; no text is copied. An icon with anything else is
//! refused as a whole.

mod attributes;
mod numbers;
mod path;
#[cfg(test)]
mod tests;

use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

use self::{
    attributes::{Kind, kind},
    numbers::Budget,
};

/// The largest icon, in bytes.
pub const MAX_LEN: usize = 32 << 10;

/// The most XML nodes of an icon, including comments and texts.
const MAX_NODES: u32 = 1_024;

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 16;

const SVG: &str = "http://www.w3.org/2000/svg";

/// Shapes, and groups of them.
const SHAPES: [&str; 8] = ["g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"];

/// Elements that describe the icon and are not rendered. They are omitted with their children.
const METADATA: [&str; 3] = ["title", "desc", "metadata"];

/// Why an icon is not shown, for its author.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// It is larger than [`MAX_LEN`].
    #[error("it has more than 32 KiB")]
    TooLong,
    /// It is not well-formed XML, has too many nodes, or has a document type declaration.
    #[error("it is not XML that can be read: {0}")]
    NoXml(String),
    /// The root is not an SVG element with a size.
    #[error("it is not an <svg> in the SVG namespace with a viewBox")]
    NoSvg,
    /// It contains an element that is not a shape.
    #[error("it contains <{0}>, and only shapes may be shown")]
    Element(String),
    /// A shape has an attribute that is not allowed.
    #[error("it has an attribute {0}, which no shape may have")]
    Attribute(String),
    /// The value of an attribute is invalid or beyond the limits.
    #[error("it has a value of {0} that is invalid or beyond the limits")]
    Value(String),
    /// It contains text or a processing instruction.
    #[error("it contains text or a processing instruction, which are not shown")]
    Text,
    /// It is nested more than 16 deep.
    #[error("it is nested more than 16 deep")]
    TooDeep,
}

/// A new document with the shapes of the icon only.
///
/// It has no references, styles, scripts, links, animations, text or entities, and at most some hundred
/// shapes; its size limits the time to render it.
pub fn sanitise(icon: &str) -> Result<String, Refused> {
    if icon.len() > MAX_LEN {
        return Err(Refused::TooLong);
    }
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(icon, options);
    let document = document.map_err(|error| Refused::NoXml(excerpt(&error.to_string())))?;
    if document.root().children().any(|node| node.is_pi()) {
        return Err(Refused::Text);
    }
    let root = document.root_element();
    if !is_svg(root, "svg") {
        return Err(Refused::NoSvg);
    }
    let mut writer = Writer { text: String::with_capacity(icon.len()), budget: Budget::default() };
    writer.root(root)?;
    Ok(writer.text)
}

struct Writer {
    text: String,
    budget: Budget,
}

impl Writer {
    fn root(&mut self, root: Node) -> Result<(), Refused> {
        let view_box = self.view_box(root)?;
        self.text.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\"");
        self.attribute("viewBox", &view_box);
        let own = ["viewBox", "width", "height", "x", "y", "preserveAspectRatio"];
        let scale = self.attributes(root, 1.0, |name| own.contains(&name))?;
        self.text.push('>');
        self.children(root, scale, 1)?;
        self.text.push_str("</svg>");
        Ok(())
    }

    /// The view box, or `0 0 width height` of an icon that has a size only.
    fn view_box(&mut self, root: Node) -> Result<String, Refused> {
        let size = |name| root.attribute(name).map(|text: &str| text.trim_end_matches("px"));
        let text = match (root.attribute("viewBox"), size("width"), size("height")) {
            (Some(text), ..) => text.to_owned(),
            (None, Some(width), Some(height)) => format!("0 0 {width} {height}"),
            _ => return Err(Refused::NoSvg),
        };
        let numbers = numbers::list(&text, &mut self.budget).ok_or(Refused::NoSvg)?;
        match numbers.as_slice() {
            [_, _, width, height] if *width > 0.0 && *height > 0.0 => {
                Ok(numbers::format_list(&numbers))
            }
            _ => Err(Refused::NoSvg),
        }
    }

    fn children(&mut self, parent: Node, scale: f64, depth: usize) -> Result<(), Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::TooDeep);
        }
        for node in parent.children() {
            let is_blank = node.text().is_none_or(|text| text.trim().is_empty());
            match () {
                () if node.is_comment() => {}
                () if node.is_text() && is_blank => {}
                () if !node.is_element() => return Err(Refused::Text),
                () if METADATA.iter().any(|name| is_svg(node, name)) => {}
                () if is_svg(node, "defs") && !node.has_children() => {}
                () => self.shape(node, scale, depth)?,
            }
        }
        Ok(())
    }

    fn shape(&mut self, node: Node, scale: f64, depth: usize) -> Result<(), Refused> {
        let shape = SHAPES.into_iter().find(|name| is_svg(node, name));
        let shape = shape.ok_or_else(|| Refused::Element(excerpt(node.tag_name().name())))?;
        self.text.push('<');
        self.text.push_str(shape);
        let scale = self.attributes(node, scale, |_| false)?;
        if shape == "g" {
            self.text.push('>');
            self.children(node, scale, depth + 1)?;
            self.text.push_str("</g>");
        } else {
            self.text.push_str("/>");
            // A shape may contain metadata, but no other shape.
            let shape = node.children().find(|it| SHAPES.iter().any(|name| is_svg(*it, name)));
            if let Some(inner) = shape {
                return Err(Refused::Element(excerpt(inner.tag_name().name())));
            }
            self.children(node, scale, depth + 1)?;
        }
        Ok(())
    }

    /// Writes the attributes of an element. Returns the magnification with its transformation.
    fn attributes(
        &mut self,
        node: Node,
        mut scale: f64,
        skip: impl Fn(&str) -> bool,
    ) -> Result<f64, Refused> {
        for attribute in node.attributes() {
            let name = attribute.name();
            let refused = || Refused::Attribute(excerpt(name));
            let is_namespaced = attribute.namespace().is_some();
            if is_namespaced && name != "space" && name != "lang" {
                return Err(refused());
            }
            if is_namespaced || skip(name) || attributes::has_no_effect(name) {
                continue;
            }
            let (name, kind) = kind(name).ok_or_else(refused)?;
            let invalid = || Refused::Value(name.to_owned());
            let value = attribute.value();
            if let Kind::Transform = kind {
                let (text, magnification) =
                    attributes::transform(value, &mut self.budget).ok_or_else(invalid)?;
                scale *= magnification;
                if !attributes::is_magnification_allowed(scale) {
                    return Err(invalid());
                }
                self.attribute(name, &text);
            } else {
                let text = attributes::value(kind, value, &mut self.budget).ok_or_else(invalid)?;
                self.attribute(name, &text);
            }
        }
        Ok(scale)
    }

    /// Writes an attribute. `value` has only letters, digits, spaces and `#,().-`, which need no escape.
    fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        self.text.push_str(value);
        self.text.push('"');
    }
}

fn is_svg(node: Node, name: &str) -> bool {
    node.has_tag_name((SVG, name))
}

/// Text of the icon for an error: 60 characters of visible ASCII.
fn excerpt(text: &str) -> String {
    let visible = |c: char| if c.is_ascii_graphic() { c } else { ' ' };
    text.chars().map(visible).take(60).collect()
}
