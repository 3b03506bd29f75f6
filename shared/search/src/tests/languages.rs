//! Endings, spellings and scripts of several languages.

use super::*;

#[test]
fn stems_english() {
    check("dispute ", &[(1, Some(3))]);
    check("approving budgets ", &[(4, Some(1))]);
}

/// Pages of one document in different languages, each found by the endings of its own.
#[test]
fn stems_each_page_by_its_language() {
    let pages = [
        "Die Parteien schließen einen Vertrag über die Lieferung von Maschinen nach Zürich ab.",
        "Les parties ont conclu un accord général relatif à la livraison de machines à Genève.",
        "Las partes recibirán la notificación por escrito en el domicilio indicado en este contrato.",
        "Стороны заключили договор о поставке оборудования в течение десяти рабочих дней.",
        "The parties dies irae agree that the supplier delivers the machines within ten days.",
    ];
    let index = Index::open(&bundle(&[document(1, "x.pdf", &pages)])).expect("open");
    let page = |text: &str| ask(&index, text).first().and_then(|hit| hit.page);
    assert_eq!(page("Verträgen "), Some(1));
    assert_eq!(page("Vertraege "), Some(1));
    assert_eq!(page("vertragen "), Some(1));
    assert_eq!(page("généraux "), Some(2));
    assert_eq!(page("generaux "), Some(2));
    assert_eq!(page("notificaciones "), Some(3));
    assert_eq!(page("договорами "), Some(4));
    assert_eq!(page("delivering "), Some(5));
    // The German article is no form of the English word.
    let hits = ask(&index, "dies ");
    assert_eq!(
        marked(&hits[0]),
        ["The parties [dies] irae agree that the supplier delivers the machines within ten days."]
    );
}

#[test]
fn finds_umlauts_as_they_are_spelt_where_keyboards_lack_them() {
    let entries = [
        document(1, "a", &["Herr Müller zahlt."]),
        document(2, "b", &["Frau Mueller zahlt."]),
        document(3, "c", &["Weiss, Weiß"]),
    ];
    let index = Index::open(&bundle(&entries)).expect("open");
    let found = |text: &str| {
        let mut ids: Vec<_> = ask(&index, text).into_iter().map(|hit| hit.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(found("müller "), [id(1), id(2)]);
    assert_eq!(found("mueller "), [id(1), id(2)]);
    assert_eq!(found("muller "), [id(1)]);
    assert_eq!(found("\"frau müller\""), [id(2)]);
    assert_eq!(found("\"herr mueller zahlt\""), [id(1)]);
    assert_eq!(found("weiß "), [id(3)]);
}

#[test]
fn finds_names_in_scripts_without_spaces() {
    let entries = [
        document(1, "契約書.pdf", &["東京都港区の株式会社山田製作所は本契約を締結する。"]),
        document(2, "b", &["京都の会社。東の区。"]),
        document(3, "한국", &["계약서를 서울에서 작성한다."]),
        document(4, "d", &["สัญญาเช่าที่ดินในกรุงเทพ"]),
    ];
    let index = Index::open(&bundle(&entries)).expect("open");
    let found = |text: &str| ask(&index, text).into_iter().map(|hit| hit.id).collect::<Vec<_>>();
    assert_eq!(found("山田製作所"), [id(1)]);
    assert_eq!(found("東京"), [id(1)]);
    assert_eq!(found("契約書"), [id(1)]);
    assert_eq!(found("京都の会社"), [id(2)]);
    assert_eq!(marked(&ask(&index, "株式会社")[0]), ["東京都港区の[株式会社]山田製作所は本契約を締結する。"]);
    // Two words run together still find what has them apart.
    assert_eq!(found("山田東京"), [id(1)]);
    assert_eq!(found("계약서 서울 "), [id(3)]);
    assert_eq!(found("กรุงเทพ"), [id(4)]);
}
