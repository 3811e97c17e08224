//! The leak scan (V03): whatever would tell who somebody is refuses its file, and what only looks like it doesn't.

use earlycall_schemas::table::{DType, Tier, table as named, tables};

use crate::support::{Format, Tiny};
use crate::{admitted, assert_refused, inspection};

/// Ten digits in an issued range, whose check digit holds; another number for every one of the first few dozen `n`.
fn nhs_number(n: usize) -> String {
    nhs_number_from(400_000_000 + 7 * n)
}

/// The first number whose check digit holds and whose other nine digits are these or larger.
fn nhs_number_from(nine: usize) -> String {
    let numbers = (nine..).filter_map(|nine| {
        let digits: Vec<usize> = nine.to_string().bytes().map(|byte| usize::from(byte - b'0')).collect();
        let weighted: usize = digits.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
        let check = (11 - weighted % 11) % 11;
        (check < 10).then(|| format!("{nine}{check}"))
    });
    numbers.take(1).next().unwrap()
}

/// Entries of the GP record, one more for each cell, which stands in a column.
fn entries(column: &str, cells: impl IntoIterator<Item = String>) -> Tiny {
    let mut tiny = Tiny::new();
    for (n, cell) in cells.into_iter().enumerate() {
        let id = format!("x{n}");
        tiny = tiny.copy_row("gp_events", 1, &[("event_id", &id), (column, &cell)]);
    }
    tiny
}

#[track_caller]
fn assert_admitted(tiny: &Tiny) {
    assert_eq!(inspection(tiny).refusals, []);
}

#[test]
fn one_cell_that_tells_who_somebody_is_refuses_its_file() {
    for (table, column, cell, what) in [
        ("gp_events", "original_code", "E17 4SA", "is a postcode"),
        ("gp_events", "original_code", "07700900123", "is a telephone number"),
        ("gp_events", "event_id", "07700 900123", "is a telephone number"),
        ("gp_events", "value", "someone@example.org", "is an e-mail address"),
        ("gp_prescriptions", "quantity_unit", "give to her daughter", "is free text of more than three words"),
        ("gp_prescriptions", "quantity", "E17 4SA", "is a postcode"),
        ("apc_episodes", "spell_id", "someone@example.org", "is an e-mail address"),
        ("ed_attendances", "attendance_id", "fell down at home", "is free text of more than three words"),
    ] {
        let told = format!("row 2, column {column}, rule V03: {what}; hint: ");
        for format in [Format::Csv, Format::CsvGz] {
            assert_refused(Tiny::new().set(table, 2, column, cell).format(format), &told);
        }
        if column != "value" && column != "quantity" {
            assert_refused(Tiny::new().set(table, 2, column, cell).format(Format::Parquet), &told);
        }
        assert!(!inspection(&Tiny::new().set(table, 2, column, cell)).refusals[0].to_string().contains(cell));
    }
}

#[test]
fn a_column_of_codes_without_a_list_or_a_form_refuses_its_file_for_what_is_certain() {
    let note = "Mr Jones 020 7946 0958 E1 6AN";
    for (table, column) in [
        ("apc_episodes", "treatment_function"),
        ("apc_episodes", "main_specialty"),
        ("apc_episodes", "site_code"),
        ("ed_attendances", "site_code"),
        ("inpatients_now", "site_code"),
        ("patients", "lsoa21"),
        ("patients", "main_language"),
        ("opt_outs", "source"),
        ("deaths", "place"),
        ("registrations", "end_reason"),
        ("gp_events", "unit"),
    ] {
        for (cell, what) in
            [(note, "a postcode"), ("020 7946 0958", "a telephone number"), ("a@example.org", "an e-mail address")]
        {
            let told = format!("row 1, column {column}, rule V03: is {what}; hint: ");
            for format in [Format::Csv, Format::CsvGz, Format::Parquet] {
                let tiny = Tiny::new().set(table, 1, column, cell).format(format);
                assert!(!inspection(&tiny).refusals[0].to_string().contains(cell));
                assert_refused(tiny, &told);
            }
        }
        // What may as well be a code is one.
        for cell in ["E16AN", "02079460958", "two words"] {
            assert_admitted(&Tiny::new().set(table, 1, column, cell));
        }
    }
    assert_refused(
        Tiny::new().set("apc_episodes", 1, "treatment_function", "seen by her neighbour"),
        "column treatment_function, rule V03: is free text of more than three words",
    );
}

#[test]
fn a_column_of_codes_that_are_nhs_numbers_refuses_its_file_and_one_number_many_times_does_not() {
    for column in ["unit", "episodicity"] {
        // The tiny delivery has three entries before these.
        let told =
            format!("row 4, column {column}, rule V03: 5 of its 5 distinct values of ten digits are NHS numbers");
        for format in [Format::Csv, Format::CsvGz, Format::Parquet] {
            assert_refused(entries(column, (0..5).map(nhs_number)).format(format), &told);
            assert_admitted(&entries(column, (0..4).map(nhs_number)).format(format));
            assert_admitted(&entries(column, (0..40).map(|_| nhs_number(1))).format(format));
        }
    }
}

#[test]
fn a_column_of_nhs_numbers_refuses_its_file_whether_it_is_used_or_not() {
    let told =
        "gp_events.csv, row 4, column original_code, rule V03: 20 of its 20 values of ten digits are NHS numbers";
    assert_refused(entries("original_code", (0..20).map(nhs_number)), told);
    let told = "gp_events.csv, row 4, column original_code, rule V03: 5 of its 5 distinct values of ten digits are NHS numbers";
    assert_refused(entries("original_code", (0..5).map(nhs_number)), told);
    assert_admitted(&entries("original_code", (0..4).map(nhs_number)));
}

#[test]
fn the_files_of_a_provider_are_looked_at_together() {
    // Dealt out to four files behind the three rows of the tiny delivery, so that the second stands in the first file.
    for column in ["original_code", "unit", "value"] {
        let in_files = |n| entries(column, (0..n).map(nhs_number)).in_files("gp_events", 4);
        assert_refused(
            in_files(5),
            &format!(
                "delivery/gp_events/0.csv, row 2, column {column}, rule V03: 5 of its 5 distinct values of ten digits are NHS \
                 numbers"
            ),
        );
        assert_admitted(&in_files(4));
    }
}

#[test]
fn three_nhs_numbers_and_no_other_number_of_ten_digits_are_said() {
    let said = |cells: &[String]| {
        let warned = inspection(&entries("original_code", cells.iter().cloned())).quality(&crate::research()).warned;
        warned.iter().filter(|found| found.rule == "V03").map(|found| found.text()).collect::<Vec<_>>()
    };
    let three: Vec<String> = (0..3).map(nhs_number).collect();
    assert_eq!(
        said(&three),
        [
            "gp_events of QMF, rule V03: original_code in delivery/gp_events.csv: 3 of its 3 distinct values of ten digits are \
             NHS numbers: too few to refuse the file, and chance seldom does that; look at it"
        ]
    );
    assert_eq!(said(&three[..2]), [""; 0]);
    assert_eq!(said(&[&three[..], &["1234567890".to_owned()]].concat()), [""; 0]);
}

#[test]
fn five_nhs_numbers_in_any_column_of_numbers_refuse_its_file_whatever_range_they_are_of() {
    let of_persons = tables().iter().filter(|table| table.is_about_persons());
    let numbers = of_persons.flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    let numbers = numbers.filter(|(_, column)| matches!(column.dtype, DType::Int | DType::Float));
    let columns: Vec<(&'static str, &'static str, &'static str)> =
        numbers.map(|(table, column)| (table.name.as_str(), table.key[0].as_str(), column.name.as_str())).collect();
    assert_eq!(columns.len(), 11, "{columns:?}");
    for (table, key, column) in columns {
        // From 1 to 9 hundred million: ranges that are issued, were once, belong to Scotland, or never were anybody's.
        let with = |n: usize| {
            (1..=n).fold(Tiny::new(), |tiny, at| {
                tiny.copy_row(table, 1, &[(key, &format!("x{at}")), (column, &nhs_number_from(at * 190_000_000))])
            })
        };
        for format in [Format::Csv, Format::CsvGz, Format::Parquet] {
            let told =
                format!("column {column}, rule V03: 5 of its 5 distinct values of ten digits are NHS numbers; hint: ");
            // A refused file of an optional table refuses no night; of all others it does.
            let five = with(5).format(format);
            let refusals = inspection(&five).refusals;
            assert!(refusals.len() == 1 && refusals[0].to_string().contains(&told), "{told}");
            match named(table).unwrap().tier {
                Tier::Optional => assert!(admitted(&five).is_ok(), "{told}"),
                _ => assert_refused(five, &told),
            }
            assert_admitted(&with(4).format(format));
        }
        let told = inspection(&with(5)).refusals[0].to_string();
        assert!((1..=5).all(|at| !told.contains(&nhs_number_from(at * 190_000_000))), "{told}");
    }
}

#[test]
fn a_practice_with_nhs_numbers_for_results_is_refused_however_they_are_written() {
    let written: [fn(&str) -> String; 5] = [
        str::to_owned,
        |number| format!("{number}.0"),
        |number| format!("{}.{}e9", &number[..1], &number[1..]),
        |number| format!("{}.{}E+09", &number[..1], &number[1..]),
        |number| format!("{} {} {}", &number[..3], &number[3..6], &number[6..]),
    ];
    for write in written {
        let results = (0..56).map(|n| write(&nhs_number_from(100_000_000 + 15_000_000 * n)));
        assert_refused(
            entries("value", results),
            "gp_events.csv, row 4, column value, rule V03: 56 of its 56 distinct values of ten digits are NHS numbers",
        );
    }
}

#[test]
fn a_number_of_ten_digits_that_refuses_no_file_is_not_kept_either() {
    // Four NHS numbers, and what a laboratory means that counts cells per litre.
    let four = (1..=4).map(|at| nhs_number_from(at * 190_000_000));
    let found = inspection(&entries("value", four.chain((40..60).map(|n| format!("{n}00000000")))));
    assert_eq!(found.refusals, []);
    let entries = found.delivery.tables.iter().find(|admitted| admitted.table.name == "gp_events").unwrap();
    assert_eq!((entries.tally.rejected_rows(), entries.tally.repaired["RANGE"]), (0, 24));
}

#[test]
fn half_of_the_values_of_ten_digits_must_be_nhs_numbers() {
    // The tenth digit of these is not the one that the other nine ask for.
    let spoilt = |n| {
        let number = nhs_number(n);
        let last = (number.as_bytes()[9] - b'0' + 1) % 10;
        format!("{}{last}", &number[..9])
    };
    let mixed = |good, bad| entries("original_code", (0..good).map(nhs_number).chain((0..bad).map(spoilt)));
    assert_refused(mixed(20, 20), "20 of its 40 values of ten digits are NHS numbers");
    assert_admitted(&mixed(20, 21));
    assert_refused(mixed(5, 5), "5 of its 10 distinct values of ten digits are NHS numbers");
    assert_admitted(&mixed(5, 6));
}

#[test]
fn keys_that_look_like_postcodes_and_telephone_numbers_refuse_a_file_when_they_are_half_of_it() {
    let postcode = |n: usize| format!("E1{}AN", n % 10);
    assert_admitted(&entries("original_code", (0..19).map(postcode)));
    assert_refused(entries("original_code", (0..20).map(postcode)), "20 of its 20 values look like a postcode");
    for format in [Format::Csv, Format::Parquet] {
        assert_admitted(&Tiny::new().format(format).set("gp_events", 1, "event_id", "07700900123"));
        let phone = |tiny: Tiny, n| tiny.copy_row("gp_events", 1, &[("event_id", &format!("077009001{n:02}"))]);
        let tiny = (0..20).fold(Tiny::new().format(format), phone);
        assert_refused(tiny, "column event_id, rule V03: 20 of its 23 values look like a telephone number");
    }
}

#[test]
fn codes_with_a_form_and_names_are_not_looked_at() {
    // Ids of concepts, by their check digits, and NHS numbers, by theirs.
    let both = ["4000050109", "4000060104", "4000088106"].map(str::to_owned);
    let concepts = entries("snomed_code", both.iter().cycle().take(30).cloned());
    assert_admitted(&concepts);
    assert_refused(
        entries("original_code", both.iter().cycle().take(30).cloned()),
        "30 of its 30 values of ten digits",
    );
    let practice = "The Surgery at E17 4SA in the High Street";
    assert_admitted(&Tiny::new().set("reference_practices", 1, "practice_name", practice));
    assert_admitted(&Tiny::new().set("reference_lsoa", 1, "neighbourhood", "Leyton and Leytonstone South East"));
    assert_admitted(&Tiny::new().set("gp_events", 1, "unit", "per high power field"));
    assert_admitted(&Tiny::new().set("gp_prescriptions", 1, "quantity_unit", "dose of spray"));
}

#[test]
fn who_people_are_is_no_part_of_a_delivery() {
    let with_table = Tiny::new().stray("identity_map.csv", b"person_id,nhs_number\n").manifest(|manifest| {
        let line = serde_json::json!({"table": "identity_map", "file": "identity_map.csv", "row_count": 0,
            "sha256": crate::support::sha256(b"person_id,nhs_number\n")});
        manifest["files"].as_array_mut().unwrap().push(line);
    });
    assert_refused(with_table, "identity_map");
    assert!(earlycall_schemas::table::table("identity_map").is_none());
}
