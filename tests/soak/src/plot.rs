//! Plots memory and descriptors over time.

use std::path::Path;

use plotters::{
    prelude::{
        ChartBuilder, IntoDrawingArea, LineSeries, PathElement, RGBColor, SVGBackend,
        SeriesLabelPosition, TRANSPARENT, WHITE,
    },
    style::{Color, IntoFont},
};

use crate::Report;

const MEMORY: RGBColor = RGBColor(0x1b, 0x5f, 0xaa);
const DESCRIPTORS: RGBColor = RGBColor(0xb0, 0x4a, 0x1c);

/// Writes the plot as SVG.
pub fn draw(report: &Report, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(file, (900, 360)).into_drawing_area();
    root.fill(&WHITE)?;
    let points =
        |of: fn(&crate::Sample) -> f64| report.samples.iter().map(move |it| (it.at, of(it)));
    let memory = |sample: &crate::Sample| sample.resident as f64 / f64::from(1 << 20);
    let descriptors = |sample: &crate::Sample| sample.descriptors as f64;
    let end = report.samples.last().map_or(1.0, |it| it.at);
    let top = |of: fn(&crate::Sample) -> f64| points(of).map(|it| it.1).fold(1.0, f64::max) * 1.3;
    let title = format!(
        "{:.0} visits a second for {end:.0} s: memory and descriptors",
        report.visits as f64 / end
    );
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 18).into_font())
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(52)
        .right_y_label_area_size(52)
        .build_cartesian_2d(0.0..end, 0.0..top(memory))?
        .set_secondary_coord(0.0..end, 0.0..top(descriptors));
    let whole = |figure: &f64| format!("{figure:.0}");
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&whole)
        .y_label_formatter(&whole)
        .x_desc("seconds")
        .y_desc("resident memory, MiB")
        .draw()?;
    let axis = &mut chart.configure_secondary_axes();
    axis.y_label_formatter(&whole).y_desc("open descriptors").draw()?;
    let swatch = |color: RGBColor| move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], color);
    chart
        .draw_series(LineSeries::new(points(memory), MEMORY.stroke_width(2)))?
        .label("memory")
        .legend(swatch(MEMORY));
    chart
        .draw_secondary_series(LineSeries::new(points(descriptors), DESCRIPTORS.stroke_width(2)))?
        .label("descriptors")
        .legend(swatch(DESCRIPTORS));
    let labels = &mut chart.configure_series_labels();
    labels.position(SeriesLabelPosition::UpperLeft).background_style(WHITE).draw()?;
    root.present()?;
    Ok(())
}
