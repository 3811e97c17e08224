//! The table of readers: whatever this program reads that it has not just made itself.

use std::path::Path;
use std::sync::Arc;

use earlycall::any_table::{
    Table,
    fit::{Meaning, fit},
    predict::predict,
};
use earlycall::extract::manifest::{Manifest, Outline};
use earlycall::history::records::PersonKey;
use earlycall::holdout::{
    Arm,
    ledger::{Entry, Ledger as Allocations},
};
use earlycall::progress::Progress;
use earlycall::reid::{self, access::Access, identities};
use earlycall::settings::{ProfileKind, Settings, template::TEMPLATE};
use earlycall::{history::ledger::Ledger, night::record, worklist};
use earlycall_model::artefact::Artefact;
use earlycall_model::boosted::BoostedParams;
use earlycall_model::card::{card_html, card_markdown};
use earlycall_model::horizons::{End, FollowUp, HorizonsParams, HorizonsTraining};
use earlycall_model::{Column, ColumnKind, Rows};
use earlycall_schemas::codelists::import::{Format as ListFormat, parse};
use earlycall_schemas::codes::SnomedCode;
use ndarray::Array2;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding},
    file::properties::{WriterProperties, WriterVersion},
};

use crate::disk::{Deliveries, Generation};
use crate::support::{Format, Tiny, sha256};

/// What came of reading; an error in words.
pub type Read = Result<(), String>;

/// Reads some bytes as what they should be.
pub type ReadsBytes = Box<dyn Fn(&[u8]) -> Read>;

/// One reader, and bytes that it reads without a fault.
pub struct Reader {
    pub name: String,
    pub samples: Vec<Vec<u8>>,
    pub read: ReadsBytes,
}

/// Every reader. Those that read files have theirs in a folder.
pub fn readers(scratch: &Path) -> Vec<Reader> {
    let mut readers = deliveries(&scratch.join("deliveries"));
    readers.extend(["windows-1252", "utf-16"].map(|encoding| mapped(&scratch.join(encoding), encoding)));
    readers.extend(history(&scratch.join("history")));
    readers.extend(settings(&scratch.join("settings")));
    readers.extend(code_lists());
    readers.extend(nights());
    readers.extend(any_table(&scratch.join("any-table")));
    readers.extend(contacts());
    readers.extend(reid());
    readers.extend([manifest(), model()]);
    readers
}

fn reader(name: &str, samples: Vec<Vec<u8>>, read: impl Fn(&[u8]) -> Read + 'static) -> Reader {
    Reader { name: name.to_owned(), samples, read: Box::new(read) }
}

fn told<T>(outcome: Result<T, impl ToString>) -> Read {
    outcome.map(drop).map_err(|error| error.to_string())
}

/// Files of a delivery whose manifest vouches for them, of every kind of table and in each format.
fn deliveries(folder: &Path) -> Vec<Reader> {
    let tables = ["patients", "gp_events", "apc_episodes", "opt_outs", "reference_practices", "reference_teams"];
    let formats = [Format::Csv, Format::CsvGz, Format::Parquet];
    let each = tables.into_iter().flat_map(|table| formats.map(|format| (table, format)));
    each.map(|(table, format)| {
        let deliveries = Deliveries::new(&folder.join(format!("{table}-{format:?}")), table, format, "");
        let mut samples = vec![deliveries.sample()];
        if format == Format::Parquet {
            samples.extend(packed_otherwise(&samples[0]));
        }
        let name = format!("{table} as {format:?}");
        reader(&name, samples, move |bytes| deliveries.read(bytes))
    })
    .collect()
}

/// A supplier's own columns in an encoding of theirs.
fn mapped(folder: &Path, encoding: &str) -> Reader {
    let mapping = format!(
        r#"
        [extracts.mapping.deaths]
        columns = {{ death_date = "DOD", source = "SRC" }}
        codes.source = {{ O = "ons", P = "pds_formal" }}
        constants.underlying_cause = "J440"
        dates = "%d/%m/%Y"
        encoding = "{encoding}"
        ignore = ["N"]
        "#
    );
    let text = format!("person_id,DOD,SRC,N\n{},01/10/2026,O,\"caf\u{e9}\"\n", crate::support::person(3));
    let sample = match encoding {
        "utf-16" => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.chars().map(|character| character as u8).collect(),
    };
    let deliveries = Deliveries::new(folder, "deaths", Format::Csv, &mapping);
    reader(&format!("deaths in {encoding}"), vec![sample], move |bytes| deliveries.read(bytes))
}

/// The rows of a Parquet file as other writers write them: compressed, in other encodings and pages.
fn packed_otherwise(sample: &[u8]) -> Vec<Vec<u8>> {
    let sample = bytes::Bytes::copy_from_slice(sample);
    let rows = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(sample).unwrap().build().unwrap();
    let rows: Vec<_> = rows.map(Result::unwrap).collect();
    let of = |properties: WriterProperties| {
        let mut writer = ArrowWriter::try_new(Vec::new(), rows[0].schema(), Some(properties)).unwrap();
        rows.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.into_inner().unwrap()
    };
    let builder = || WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_2_0);
    vec![
        of(builder().set_compression(Compression::SNAPPY).set_data_page_row_count_limit(1).build()),
        of(builder().set_compression(Compression::ZSTD(Default::default())).set_dictionary_enabled(false).build()),
        of(WriterProperties::builder().set_compression(Compression::GZIP(Default::default())).build()),
        // Ids of these are read where they lie.
        of(WriterProperties::builder().set_dictionary_enabled(false).build()),
        of(builder().set_dictionary_enabled(false).set_encoding(Encoding::PLAIN).build()),
    ]
}

/// Each kind of file of the settled history, in a history that is whole but for it.
fn history(folder: &Path) -> Vec<Reader> {
    let generation = Arc::new(Generation::new(folder));
    let files = [
        "history.json",
        "closings.parquet",
        "people/000001.segment",
        "gp_events/000001.segment",
        "apc_episodes/000001.segment",
        "reference/reference_practices.parquet",
    ];
    let mut readers: Vec<Reader> = files
        .into_iter()
        .map(|file| {
            let generation = generation.clone();
            reader(file, vec![generation.sample(file)], move |bytes| generation.read_with(file, bytes))
        })
        .collect();
    // The same under checksums that are right, or next to nothing would get past them.
    let sealed = generation.clone();
    let file = "gp_events/000001.segment";
    readers.push(reader("footer of a segment", vec![generation.footer(file)], move |footer| {
        sealed.read_with(file, &sealed.with_footer(file, footer))
    }));
    readers.push(reader("ledger alone", vec![generation.sample("history.json")], |bytes| told(Ledger::parse(bytes))));
    readers
}

fn settings(folder: &Path) -> Vec<Reader> {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join("earlycall.toml");
    // With what is only an example in the template.
    let mapping =
        TEMPLATE.replace("# [extracts", "[extracts").replace("# columns", "columns").replace("# lists", "lists");
    vec![reader("settings", vec![TEMPLATE.as_bytes().to_vec(), mapping.into_bytes()], move |bytes| {
        std::fs::write(&path, bytes).unwrap();
        told(Settings::load(&path))
    })]
}

fn code_lists() -> Vec<Reader> {
    let pcd = "Cluster_ID,Cluster_Description,Active_in_Refset,SNOMED_code,SNOMED_code_description,PCD_Refset_ID,\
               Service_and_Ruleset\nAST_COD,Asthma,1,195967001,Asthma,999012411000230108,QOF\n";
    let rf2 = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\n\
               0a\t20240101\t1\t999000011000000103\t22298006\t195967001\n";
    let refset = SnomedCode::parse("22298006").unwrap();
    let csv = b"code,term\n22298006,heart attack\n195967001,\"asthma, \"\"any\"\"\"\n".to_vec();
    vec![
        reader("list of a cluster", vec![pcd.as_bytes().to_vec(), csv.clone()], |bytes| {
            told(parse(bytes, ListFormat::Pcd { cluster: "AST_COD" }))
        }),
        reader("list of OpenCodelists", vec![csv], |bytes| told(parse(bytes, ListFormat::OpenCodelists))),
        reader("list in release format 2", vec![rf2.as_bytes().to_vec()], move |bytes| {
            told(parse(bytes, ListFormat::Rf2 { refset }))
        }),
        reader("list of our own", vec![b"code,note\n22298006,why\n".to_vec()], |bytes| {
            told(parse(bytes, ListFormat::Own))
        }),
    ]
}

/// What coaches hand in, and whom a trial has allocated.
fn contacts() -> Vec<Reader> {
    let csv = format!(
        "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome,snooze_until\n\
         c1,{},2026-11-20.1,coach-01,u-01,2026-11-21T10:00:00Z,call,call_back,2026-12-01\n",
        crate::support::person(1)
    );
    let page = worklist::line::Page {
        run_id: "2026-11-20.1".into(),
        index_date: earlycall::day::Day(20_777),
        horizon_days: 180,
        outcome_in_words: "an unplanned hospital admission".into(),
        average_risk: 0.07,
        data_dates: vec![],
        notices: vec![],
        model: "m".into(),
    };
    let list = worklist::line::TeamList {
        team_id: "coach-01".into(),
        pathway: "coaching".into(),
        weekly_capacity: 1,
        n_accepted_this_week: 0,
        n_owned: 1,
        lines: vec![worklist::line::Line::removed(1)],
        left: vec![],
        waiting: vec![],
        waiting_unshown: Default::default(),
        stopped: vec![],
        summary: worklist::summary::Summary::default(),
    };
    let sheet = worklist::xlsx::write(&page, &list).unwrap();
    let mut allocations = Allocations::default();
    allocations.add(Entry {
        trial_id: "coaching-1".into(),
        person_id: PersonKey::parse(&crate::support::person(1)).unwrap(),
        arm: Arm::Offered,
        entered_on: earlycall::day::Day(20_777),
        team_id: "coach-01".into(),
        risk_third: 3,
        place: Some(0),
    });
    vec![
        reader("holdout.jsonl", vec![allocations.to_bytes()], |bytes| {
            Allocations::parse(bytes).map(drop).ok_or("damaged".into())
        }),
        reader("coach_contacts", vec![csv.into_bytes()], |bytes| told(earlycall::feedback::table::read(bytes))),
        reader("worklist.xlsx", vec![sheet], |bytes| told(earlycall::feedback::sheet::read(bytes))),
    ]
}

/// What the re-identification service is handed.
fn reid() -> Vec<Reader> {
    let person = crate::support::person(1);
    let map = format!(
        "person_id,nhs_number,date_of_birth,family_name,given_name,phone,is_confidential\n\
         {person},9990000018,1950-05-03,Example,Ada,020 7946 0000,false\n"
    );
    let access = "user_id,team_id,role,may_reidentify,valid_from,valid_to\nu-17,coach-31,coach,true,2026-01-01,\n";
    let (key, _) = earlycall::encryption::new_key();
    let recipient = earlycall::encryption::parse_key(&key).unwrap().to_public();
    let sealed = earlycall::encryption::encrypt(&[recipient], map.as_bytes());
    vec![
        reader("identity_map", vec![map.into_bytes()], |bytes| told(identities::check(bytes, ProfileKind::Research))),
        reader("user_access of whoever may be told", vec![access.into()], |bytes| told(Access::parse(bytes))),
        reader("reid.toml", vec![reid::settings::TEMPLATE.into()], |bytes| {
            told(reid::settings::Settings::parse(&String::from_utf8_lossy(bytes)))
        }),
        reader("a sealed file", vec![sealed], move |bytes| {
            let key = earlycall::encryption::parse_key(&key).unwrap();
            told(earlycall::encryption::decrypt(&key, bytes).and_then(std::io::read_to_string))
        }),
    ]
}

/// What a night reads of the one before.
fn nights() -> Vec<Reader> {
    let person = earlycall::history::records::PersonKey::parse(&crate::support::person(1)).unwrap();
    let score = worklist::scores::Score {
        person,
        team_id: Some("coach-01".into()),
        risk: 0.25,
        percentile: 100.0,
        band: worklist::line::Band::from_code("high").unwrap(),
        other_team_ids: vec!["ward-31".into()],
        left_to: worklist::left_to_service::LeftToService::parse("coaching:virtual_ward:coach-01")
            .into_iter()
            .collect(),
        further: [0.125].into(),
    };
    let scores = worklist::scores::Scores { further_days: vec![30], people: vec![score.clone(), score] };
    let columns = [("team_id", "x-1"), ("pathway", "coaching"), ("person_ref", "x-1")];
    let columns = columns.map(|(name, text)| (name, arrow_texts(text)));
    let lines = arrow::record_batch::RecordBatch::try_from_iter(columns.into_iter().chain([
        ("line_no", Arc::new(arrow::array::UInt32Array::from(vec![1])) as arrow::array::ArrayRef),
        ("risk", Arc::new(arrow::array::Float64Array::from(vec![0.5]))),
    ]));
    vec![
        reader("scores.parquet", vec![worklist::scores::write(&scores)], |bytes| told(worklist::scores::read(bytes))),
        reader("worklist.parquet", vec![crate::support::parquet(&lines.unwrap())], |bytes| {
            told(worklist::parquet::read_lines(bytes))
        }),
        reader(
            "run.json",
            vec![br#"{"format": 1, "fingerprint": "ab", "inputs": {"deliveries": []}}"#.to_vec()],
            |bytes| told(record::fingerprint_of(bytes)),
        ),
    ]
}

fn arrow_texts(text: &str) -> arrow::array::ArrayRef {
    Arc::new(arrow::array::StringArray::from(vec![text]))
}

fn manifest() -> Reader {
    let folder = tempfile::tempdir().unwrap();
    let sample = std::fs::read(Tiny::with_feeds().write(folder.path()).join("manifest.json")).unwrap();
    reader("manifest.json", vec![sample], |bytes| {
        if let Some(outline) = Outline::parse(bytes) {
            _ = (outline.tables().count(), outline.extract_id(), outline.extracted_at());
        }
        told(Manifest::parse_apart(bytes, |_| Ok(())))
    })
}

/// A table for a model, in both formats, and the model.
fn any_table(folder: &Path) -> Vec<Reader> {
    std::fs::create_dir_all(folder).unwrap();
    let words = |row: usize| ["a", "b", "c"][row % 3];
    let rows: String = (0..300).map(|row| format!("{row},{},{},{}\n", row % 7 / 4, words(row), row % 40)).collect();
    let csv = folder.join("table.csv");
    std::fs::write(&csv, format!("id,label,word,number\n{rows}")).unwrap();
    let meaning = Meaning { label: "label".to_owned(), id: "id".to_owned(), ..Meaning::default() };
    let params = BoostedParams::new().bags(2).pairs(1);
    let model = fit(&Table::open(&csv).unwrap(), &meaning, params, &mut Progress::quiet()).unwrap();
    let columns = [("id", arrow_texts("x")), ("word", arrow_texts("b"))].into_iter().chain([
        ("label", Arc::new(arrow::array::BooleanArray::from(vec![true])) as arrow::array::ArrayRef),
        ("number", Arc::new(arrow::array::Float32Array::from(vec![0.5]))),
    ]);
    let parquet = crate::support::parquet(&arrow::record_batch::RecordBatch::try_from_iter(columns).unwrap());
    let text = model.to_json();
    let (content, _) = text.rsplit_once(",\n  \"checksum\"").unwrap();
    let samples = vec![content.as_bytes().to_vec()];
    let model = Arc::new(model);
    let tables = [("csv", std::fs::read(&csv).unwrap()), ("parquet", parquet)].map(|(ending, sample)| {
        let (model, path) = (model.clone(), folder.join(format!("sample.{ending}")));
        reader(&format!("any table as {ending}"), vec![sample], move |bytes| {
            std::fs::write(&path, bytes).unwrap();
            told(Table::open(&path).and_then(|table| predict(&model, &table, 1)))
        })
    });
    let sealed = reader("model.json of any table", samples, |content| {
        let content = String::from_utf8_lossy(content);
        let sealed = format!("{content},\n  \"checksum\": \"{}\"\n}}\n", sha256(format!("{content}\n}}").as_bytes()));
        told(Artefact::from_json(&sealed).map(|artefact| card_markdown(&artefact, &[])))
    });
    tables.into_iter().chain([sealed]).collect()
}

/// A model, under a checksum that is right, or nothing would get past it.
fn model() -> Reader {
    let columns = [Column::new("age_years", "age", ColumnKind::Measure)];
    let x = Array2::from_shape_fn((200, 1), |(row, _)| 20.0 + (row % 70) as f64);
    let follow_up = |row: u32| match row % 70 > 40 && row.is_multiple_of(3) {
        true => FollowUp { days: 1 + row, end: End::Admitted, seen_days: 200 },
        false => FollowUp { days: 200, end: End::Lost, seen_days: 200 },
    };
    let (follow_ups, persons): (Vec<FollowUp>, Vec<u64>) = (0..200).map(|row| (follow_up(row), u64::from(row))).unzip();
    let rows = Rows { columns: &columns, x: x.view() };
    let params = HorizonsParams::new(BoostedParams::new().bags(2)).horizons_days(&[90, 180]);
    let training = HorizonsTraining { rows, follow_ups: &follow_ups, persons: &persons };
    let model = params.check().unwrap().fit(&training).unwrap();
    let text = Artefact { name: "trial".to_owned(), outcome: "event".to_owned(), ..Artefact::of(model) }.to_json();
    let (content, _) = text.rsplit_once(",\n  \"checksum\"").unwrap();
    reader("model.json", vec![content.as_bytes().to_vec()], |content| {
        let content = String::from_utf8_lossy(content);
        let sealed = format!("{content},\n  \"checksum\": \"{}\"\n}}\n", sha256(format!("{content}\n}}").as_bytes()));
        told(Artefact::from_json(&sealed).map(|artefact| card_html(&artefact, &[])))
    })
}
