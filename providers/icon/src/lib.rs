//! What of a plug-in's icon is shown. An SVG can hold scripts, links, references that multiply
//! (`use`), animations and whole pages; an icon needs shapes.
//!
//! [`sanitise`] reads an icon as XML and writes a new document of the shapes and attributes in the
//! allow-lists of this crate, each value parsed and written anew: nothing of the text is passed
//! through. An icon that holds anything else is refused as a whole.

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

/// The most bytes that an icon may have.
pub const MAX_LEN: usize = 32 << 10;

/// The most elements that it may have, comments and texts among them.
const MAX_NODES: u32 = 1_024;

/// How deep groups may be nested.
const DEEPEST: usize = 16;

const SVG: &str = "http://www.w3.org/2000/svg";

/// What is drawn, and what groups it.
const SHAPES: [&str; 8] = ["g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"];

/// What tells something of the icon and draws nothing: it is left out with all that is in it.
const TEXTS: [&str; 3] = ["title", "desc", "metadata"];

/// Why an icon is not shown, for whoever wrote it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// It has too many bytes.
    #[error("it has more than 32 KiB")]
    TooLong,
    /// It cannot be read as XML, or declares a document type.
    #[error("it is no XML that can be read: {0}")]
    NoXml(String),
    /// It is no SVG, or has no size.
    #[error("it is no <svg> of that namespace with a viewBox")]
    NoSvg,
    /// It holds an element that is no shape.
    #[error("it holds <{0}>, and only shapes may be shown")]
    Element(String),
    /// A shape has an attribute that is not allowed.
    #[error("it has an attribute {0}, which no shape may have")]
    Attribute(String),
    /// An attribute has a value that cannot be read or is beyond the limits.
    #[error("it has a value of {0} that is none, or beyond the limits")]
    Value(String),
    /// It holds text or a processing instruction.
    #[error("it holds text or a processing instruction, which are not shown")]
    Text,
    /// It is too deep.
    #[error("it is nested more than 16 deep")]
    TooDeep,
}

/// The icon as a new document of shapes alone.
///
/// What comes back has no reference, style, script, link, animation, text or entity, at most some
/// hundred shapes, and is drawn in a time that its size bounds.
pub fn sanitise(icon: &str) -> Result<String, Refused> {
    if icon.len() > MAX_LEN {
        return Err(Refused::TooLong);
    }
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(icon, options);
    let document = document.map_err(|error| Refused::NoXml(short(&error.to_string())))?;
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

    /// `0 0 width height` where an icon says its size alone.
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
                Ok(numbers::written(&numbers))
            }
            _ => Err(Refused::NoSvg),
        }
    }

    fn children(&mut self, parent: Node, scale: f64, depth: usize) -> Result<(), Refused> {
        if depth > DEEPEST {
            return Err(Refused::TooDeep);
        }
        for node in parent.children() {
            let blank = node.text().is_none_or(|text| text.trim().is_empty());
            match () {
                () if node.is_comment() => {}
                () if node.is_text() && blank => {}
                () if !node.is_element() => return Err(Refused::Text),
                () if TEXTS.iter().any(|name| is_svg(node, name)) => {}
                () if is_svg(node, "defs") && !node.has_children() => {}
                () => self.shape(node, scale, depth)?,
            }
        }
        Ok(())
    }

    fn shape(&mut self, node: Node, scale: f64, depth: usize) -> Result<(), Refused> {
        let shape = SHAPES.into_iter().find(|name| is_svg(node, name));
        let shape = shape.ok_or_else(|| Refused::Element(short(node.tag_name().name())))?;
        self.text.push('<');
        self.text.push_str(shape);
        let scale = self.attributes(node, scale, |_| false)?;
        if shape == "g" {
            self.text.push('>');
            self.children(node, scale, depth + 1)?;
            self.text.push_str("</g>");
        } else {
            self.text.push_str("/>");
            // What a shape holds is its title at most.
            let shapes = node.children().find(|it| SHAPES.iter().any(|name| is_svg(*it, name)));
            if let Some(inner) = shapes {
                return Err(Refused::Element(short(inner.tag_name().name())));
            }
            self.children(node, scale, depth + 1)?;
        }
        Ok(())
    }

    /// Writes the attributes of an element; how much all its transformations magnify.
    fn attributes(
        &mut self,
        node: Node,
        mut scale: f64,
        skip: impl Fn(&str) -> bool,
    ) -> Result<f64, Refused> {
        for attribute in node.attributes() {
            let name = attribute.name();
            let refused = || Refused::Attribute(short(name));
            let foreign = attribute.namespace().is_some();
            if foreign && name != "space" && name != "lang" {
                return Err(refused());
            }
            if foreign || skip(name) || attributes::says_nothing(name) {
                continue;
            }
            let (name, kind) = kind(name).ok_or_else(refused)?;
            let beyond = || Refused::Value(name.to_owned());
            let value = attribute.value();
            if let Kind::Transform = kind {
                let (text, by) =
                    attributes::transform(value, &mut self.budget).ok_or_else(beyond)?;
                scale *= by;
                if !attributes::may_magnify(scale) {
                    return Err(beyond());
                }
                self.attribute(name, &text);
            } else {
                let text = attributes::value(kind, value, &mut self.budget).ok_or_else(beyond)?;
                self.attribute(name, &text);
            }
        }
        Ok(scale)
    }

    /// `value` is made of numbers, letters, blanks and `#`, `,`, `(`, `)`: none needs an escape.
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

/// Somebody else's text, for an error.
fn short(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() { c } else { ' ' };
    text.chars().map(plain).take(60).collect()
}
