//! `earlycall codelists`: the lists of SNOMED CT concepts that conditions are made of.

use std::{collections::BTreeMap, path::PathBuf};

use earlycall_schemas::{
    codelists::{conditions, import::Dialect},
    codes::SnomedCode,
};

use super::{Common, usage};
use crate::{
    codelists::{CodeLists, FileFormat, Import, Imported, line_of},
    day::Day,
    error::Result,
};

/// Work with code lists.
#[derive(Debug, clap::Subcommand)]
pub enum Codelists {
    /// Import a list of SNOMED CT concepts, in place of an older one of its name.
    Import(ImportArgs),
    /// List the code lists that conditions are made of, and which are imported.
    List,
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The file.
    file: PathBuf,
    /// The name of the list, such as AST_COD.
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    /// What the file is.
    #[arg(long, value_enum)]
    format: FormatArg,
    /// The id of the reference set, in a file of release format 2.
    #[arg(long, value_name = "ID", required_if_eq("format", "rf2"))]
    refset: Option<String>,
    /// Who publishes the list, and where.
    #[arg(long, value_name = "TEXT")]
    origin: String,
    /// Under which licence you may use it.
    #[arg(long, value_name = "TEXT")]
    licence: String,
    /// The day of its release.
    #[arg(long, value_name = "DATE")]
    released: Day,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatArg {
    /// A cluster of the NHS Primary Care Domain: the portal's content file, or `code,term`.
    Pcd,
    /// A download from OpenCodelists: CSV with a column `code`.
    #[value(name = "opencodelists")]
    OpenCodelists,
    /// A snapshot of simple reference sets, as TRUD distributes them.
    Rf2,
    /// Our own: CSV of `code`, or `code,note`.
    Own,
}

/// Rows that are named one by one; the others are counted, and stand in `origin.toml`.
const ROWS_NAMED: usize = 5;

impl Codelists {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        match self {
            Codelists::Import(args) => {
                let imported = args.import()?.into_folder(settings.code_lists_folder())?;
                tell_import(&args.name, &imported);
                Ok(())
            }
            Codelists::List => {
                tell_lists(&CodeLists::read(settings.code_lists_folder())?);
                Ok(())
            }
        }
    }
}

impl ImportArgs {
    fn import(&self) -> Result<Import> {
        let refset = self.refset.as_deref().map(|id| {
            SnomedCode::parse(id).ok_or_else(|| usage("--refset is not the id of a concept: look for a mistyped digit"))
        });
        let format = match (self.format, refset.transpose()?) {
            (FormatArg::Pcd, None) => FileFormat::Pcd,
            (FormatArg::OpenCodelists, None) => FileFormat::OpenCodelists,
            (FormatArg::Own, None) => FileFormat::Own,
            (FormatArg::Rf2, Some(refset)) => FileFormat::Rf2 { refset },
            (FormatArg::Rf2, None) => return Err(usage("--format rf2 needs --refset")),
            (_, Some(_)) => return Err(usage("--refset belongs to --format rf2")),
        };
        Ok(Import {
            file: self.file.clone(),
            name: self.name.clone(),
            format,
            origin: self.origin.clone(),
            licence: self.licence.clone(),
            released: self.released,
        })
    }
}

fn tell_import(name: &str, imported: &Imported) {
    let Imported { origin, refused } = imported;
    tell!("imported {name}: {} concepts from {} rows, released {}", origin.n_codes, origin.n_rows, origin.released);
    let mut lines: BTreeMap<Dialect, Vec<u64>> = BTreeMap::new();
    for one in refused {
        lines.entry(one.dialect).or_default().push(line_of(one.row));
    }
    for (dialect, lines) in lines {
        let named: Vec<String> = lines.iter().take(ROWS_NAMED).map(u64::to_string).collect();
        let more = if lines.len() > named.len() { ", ..." } else { "" };
        tell!("left out: {} {}: line {}{more}", lines.len(), told(dialect, lines.len()), named.join(", "));
        tell!("  what to do: {}", dialect.hint());
    }
    tell!("models that were trained with another {name} are refused from now on: train again");
}

fn told(dialect: Dialect, n_rows: usize) -> String {
    let rows = if n_rows == 1 { "row that" } else { "rows, of which each" };
    format!("{rows} {dialect}")
}

/// One line for each list that conditions are made of.
fn tell_lists(lists: &CodeLists) {
    for condition in conditions() {
        let shows = condition.clusters.iter().map(|name| (name, ""));
        let ends = condition.resolving_clusters.iter().map(|name| (name, ", ended"));
        for (name, how) in shows.chain(ends) {
            let what = format!("{}{how}", condition.id);
            match lists.get(name) {
                None => tell!("{name:<14} {what:<28} not imported"),
                Some(list) => {
                    let origin = &list.origin;
                    let (n, released, from) = (origin.n_codes, &origin.released, &origin.origin);
                    tell!("{name:<14} {what:<28} {n:>5} concepts, released {released}, from {from}");
                }
            }
        }
    }
}
