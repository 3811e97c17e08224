use proptest::prelude::*;

use super::*;

const REFSET: &str = "999002271000000101";

fn refset() -> Format<'static> {
    Format::Rf2 { refset: SnomedCode::parse(REFSET).unwrap() }
}

const ASTHMA: Format = Format::Pcd { cluster: "AST_COD" };

/// A snapshot of one reference set: `active component` a line.
fn snapshot(members: &str) -> String {
    let header = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\r\n".to_owned();
    let rows = members.lines().enumerate().map(|(n, line)| {
        let (active, component) = line.split_once(' ').unwrap();
        format!("member-{n}\t20240515\t{active}\t999000011000000103\t{REFSET}\t{component}\r\n")
    });
    std::iter::once(header).chain(rows).collect()
}

#[track_caller]
fn check(text: &str, format: Format, codes: &[u64], refused: &[(u64, Dialect)]) {
    let list = parse(text.as_bytes(), format).unwrap();
    assert_eq!(list.codes.iter().map(|code| code.id()).collect::<Vec<_>>(), codes);
    assert_eq!(list.refused.iter().map(|one| (one.row, one.dialect)).collect::<Vec<_>>(), refused);
}

#[track_caller]
fn refuse(text: impl AsRef<[u8]>, format: Format, row: Option<u64>, rule: &str) {
    let error = parse(text.as_ref(), format).unwrap_err();
    assert!(error.row == row && error.rule.contains(rule), "{error:?}");
}

#[test]
fn each_format_gives_its_concepts_once_each_in_order() {
    check("code,term\n195967001,x\n44054006,\"y, \"\"z\"\"\"\n195967001,x\n", ASTHMA, &[44_054_006, 195_967_001], &[]);
    check("\u{feff}term,code,category\r\nx,44054006,1\r\n", Format::OpenCodelists, &[44_054_006], &[]);
    check("code,note\n44054006,asked for by the diabetes lead\n", Format::Own, &[44_054_006], &[]);
    check(&snapshot("1 44054006\n0 195967001\n1 13645005"), refset(), &[13_645_005, 44_054_006], &[]);
    let portal = "Cluster_ID\tCluster_Description\tSNOMED_code\nAST_COD\ta \"word\"\t195967001\nDM_COD\tx\t44054006\n";
    check(portal, ASTHMA, &[195_967_001], &[]);
    check(&portal.replace('\t', ",").replace("a \"word\"", "x"), ASTHMA, &[195_967_001], &[]);
}

#[test]
fn what_is_no_concept_is_left_out_and_named_by_its_row() {
    use Dialect::{Description, Empty, Icd10, Icd10Cm, Padded, Read, Rounded, Unknown, WrongCheckDigit};
    for (text, dialect) in [
        ("", Empty),
        ("37436014", Description),
        ("1066811000000100", Rounded),
        ("1.06E+15", Rounded),
        ("22298006.0", Rounded),
        (" 22298006", Padded),
        ("22298007", WrongCheckDigit),
        ("J44.9", Icd10),
        ("J449", Icd10),
        ("I10", Icd10),
        ("M80.05", Icd10),
        ("Z91.81", Icd10Cm),
        ("Z9181", Icd10Cm),
        ("S72.001A", Icd10Cm),
        ("Z91.A1", Icd10Cm),
        ("N18.6", Icd10),
        ("H33..", Read),
        ("H33..00", Read),
        ("C10E.", Read),
        ("XE0qv", Read),
        ("XaIQg", Read),
        ("asthma", Unknown),
        ("12345", Unknown),
        ("é€", Unknown),
    ] {
        check(&format!("code,term\n22298006,x\n{text},x\n"), Format::OpenCodelists, &[22_298_006], &[(2, dialect)]);
    }
}

#[test]
fn what_breaks_its_format_is_refused_with_its_row() {
    let own = Format::Own;
    refuse("", own, None, "is empty");
    refuse("code\n", own, None, "no rows");
    refuse("22298006\n", own, Some(0), "neither `code` nor");
    refuse("code\nJ449\n\n", own, Some(1), "no row names a SNOMED CT concept; the first looks like ICD-10");
    refuse(b"code,note\n22298006,\xe9\n", own, Some(1), "is not UTF-8");
    refuse("code,note\n22298006,\"x\n44054006,y\n", own, Some(1), "not closed");
    refuse("code,note\n22298006,x\"y\n", own, Some(1), "inside a cell");
    refuse("code,note\n22298006,\"x\"y\n", own, Some(1), "between a quoted cell");
    refuse("code,note\n22298006,x\n44054006\n", own, Some(2), "number of cells");
    refuse("id,term\n22298006,x\n", Format::OpenCodelists, Some(0), "no such column");
    refuse("code,code\n22298006,x\n", Format::OpenCodelists, Some(0), "twice");
    refuse("Cluster_ID,SNOMED_code\nDM_COD,44054006\n", ASTHMA, None, "no row is of the cluster AST_COD");
    refuse("Cluster_ID,concept\nAST_COD,195967001\n", ASTHMA, Some(0), "no such column");
    let good = snapshot("1 44054006\n1 13645005");
    refuse(good.replace("\tactive", ""), refset(), Some(0), "not that of a simple reference set");
    refuse(good.replace("\t1\t", "\ttrue\t"), refset(), Some(1), "neither 0 nor 1");
    refuse(good.replace("20240515", "2024-05-15"), refset(), Some(1), "YYYYMMDD");
    refuse(good.replace("member-1", "member-0"), refset(), Some(2), "not a snapshot");
    refuse(good.replace(REFSET, "999000011000000103"), refset(), None, "no row is an active member");
}

/// Any concept: some digits, a partition, and the check digit that fits.
fn concept() -> impl Strategy<Value = SnomedCode> {
    (100_u64..=999_999_999_999_999, prop_oneof![Just("00"), Just("10")]).prop_map(|(item, partition)| {
        let with = |check: u8| SnomedCode::parse(&format!("{item}{partition}{check}"));
        (0..10).find_map(with).expect("one of ten digits fits")
    })
}

fn any_format() -> impl Strategy<Value = Format<'static>> {
    prop_oneof![Just(ASTHMA), Just(Format::OpenCodelists), Just(refset()), Just(Format::Own)]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(codes in prop::collection::btree_set(concept(), 1..50)) {
        let codes: Vec<SnomedCode> = codes.into_iter().collect();
        let list = parse(to_csv(&codes).as_bytes(), Format::Own).unwrap();
        prop_assert_eq!((list.codes, list.refused.len()), (codes, 0));
    }

    #[test]
    fn whatever_the_bytes_they_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), format in any_format()) {
        let _ = parse(&bytes, format);
    }

    #[test]
    fn every_row_is_a_concept_or_is_refused(cells in prop::collection::vec("[0-9A-Za-z .é]{0,18}", 1..20)) {
        let text = format!("code,term\n22298006,x\n{}", cells.iter().map(|cell| format!("{cell},x\n")).collect::<String>());
        let list = parse(text.as_bytes(), Format::OpenCodelists).unwrap();
        let n_concepts = 1 + cells.iter().filter(|cell| SnomedCode::parse(cell).is_some()).count() as u64;
        prop_assert_eq!(list.n_rows, n_concepts + list.refused.len() as u64);
    }

    #[test]
    fn a_sample_with_a_byte_changed_is_read_or_refused(at in any::<prop::sample::Index>(), byte: u8, format in any_format()) {
        for sample in ["code,term\n22298006,\"x, y\"\n44054006,z\n".to_owned(), snapshot("1 44054006\n0 13645005")] {
            let mut bytes = sample.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = parse(&bytes, format);
        }
    }
}
