//! A delivery: the files that suppliers would have sent by a day, and the manifest that says what they are.

use crate::error::Result;

use super::{
    dirt::{self, Planted, Soiled},
    manifest,
    people::{self, Layout},
    place::Place,
    practices, reference,
    rows::Window,
    sheet::{Format, Sheet, TableFile},
    world::World,
};

/// The files of one delivery in memory, `manifest.json` among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryFiles {
    /// Name of the delivery's folder: its day and its kind, so that names sort as deliveries came.
    pub folder_name: String,
    /// Path and bytes of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// `planted.csv`, which belongs beside the folder: file, row, column and rule of each defect put in on purpose.
    pub planted: Option<Vec<u8>>,
}

/// What a delivery brings, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub window: Window,
    pub layout: Layout,
    pub format: Format,
}

/// Files of a delivery, in the order in which the manifest names them, and the list of planted defects.
pub(crate) struct Sent {
    pub files: Vec<String>,
    pub planted: Option<Vec<u8>>,
}

impl Order {
    /// Name of the delivery's folder.
    pub fn folder_name(&self) -> String {
        format!("{}-{}", self.window.until, self.window.kind())
    }

    /// Makes the files, and the manifest last.
    pub fn send(&self, world: &World, threads: usize, place: &dyn Place) -> Result<Sent> {
        let target = (place, self.format);
        let mut files = practices::write(world, threads, self.window, self.layout, target)?;
        files.extend(people::write(world, threads, self.window, self.layout, target)?);
        for table in &reference::TABLES {
            let sheet =
                Sheet { table: table.name, columns: table.columns, stem: table.name.to_owned(), provider: None };
            let mut planted = Vec::new();
            let file = sheet.write(place, self.format, &mut |cells| {
                let mut soiled = Soiled::new(world, self.format, (table.name, table.columns), cells);
                reference::write(world, table, &mut soiled)?;
                let (rows, found) = soiled.finish();
                planted = found;
                Ok(rows)
            })?;
            files.push((file, planted));
        }
        files.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        let planted = world.params.dirt.then(|| dirt::planted_csv(&listed(&files)));
        let files: Vec<TableFile> = files.into_iter().map(|(file, _)| file).collect();
        let json = manifest::json(world, self.window, &files);
        place.put(MANIFEST, &mut |out| out.write_all(&json))?;
        let paths = files.into_iter().map(|file| file.path).chain([MANIFEST.to_owned()]);
        Ok(Sent { files: paths.collect(), planted })
    }
}

const MANIFEST: &str = "manifest.json";

fn listed(files: &[(TableFile, Vec<Planted>)]) -> Vec<(String, Planted)> {
    let of_file = |(file, planted): &(TableFile, Vec<Planted>)| {
        planted.iter().map(|defect| (file.path.clone(), defect.clone())).collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}
