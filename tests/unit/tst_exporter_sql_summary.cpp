#include "core/exporter/postgres/sql_summary_p.h"

#include <QTest>

using namespace trendscope::exporter;

class TestExporterSqlSummary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsOperationAndTable_data();
    void findsOperationAndTable();
    void endsWithWhateverIsGiven();
};

void TestExporterSqlSummary::findsOperationAndTable_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("summary");
    const auto row = [](const char *sql, const char *summary) {
        QTest::newRow(sql) << QByteArray(sql) << QByteArray(summary);
    };
    row("SELECT * FROM trends", "select trends");
    row("  select 1;", "select none");
    row("", "other none");
    row("42", "other none");
    row("SELECT a FROM public.\"Odd \"\"Table\" t WHERE x", "select Odd \"Table");
    row("SELECT ' FROM a', E'\\' FROM b', $$ FROM c $$, $x$ FROM d $x$ FROM e", "select e");
    row("/* FROM a /* nested */ */ SELECT -- FROM b\n 1 FROM c", "select c");
    row("SELECT extract(epoch FROM created) FROM items", "select items");
    row("SELECT a IS DISTINCT FROM b FROM items", "select items");
    row("SELECT * FROM (SELECT * FROM items WHERE id IN (1)) i JOIN trends USING (id)",
        "select items");
    row("SELECT * FROM unnest($1::int[]) AS u JOIN topics t ON t.id = u", "select topics");
    row("SELECT * FROM generate_series(1, 10)", "select none");
    row("SELECT * FROM trends FOR UPDATE", "select trends");
    row("INSERT INTO items (a, b) SELECT a, b FROM source", "insert items");
    row("INSERT INTO items(a) VALUES ($1) ON CONFLICT DO UPDATE SET a = 1", "insert items");
    row("UPDATE ONLY trends SET state = 'x' FROM items", "update trends");
    row("DELETE FROM items USING trends", "delete items");
    row("MERGE INTO items USING source ON true WHEN MATCHED THEN UPDATE SET a = 1", "merge items");
    row("COPY items (a) FROM STDIN", "copy items");
    row("COPY (SELECT * FROM trends) TO STDOUT", "copy trends");
    row("TRUNCATE TABLE items", "truncate items");
    row("VACUUM ANALYZE items", "vacuum items");
    row("CREATE TABLE IF NOT EXISTS app.items (a int)", "create items");
    row("ALTER TABLE items ADD b int", "alter items");
    row("WITH recent AS (SELECT * FROM items) SELECT * FROM recent", "select items");
    row("WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a, b", "select none");
    row("WITH a AS (SELECT * FROM items) INSERT INTO trends SELECT * FROM a", "insert trends");
    row("WITH RECURSIVE a(n) AS (VALUES (1) UNION SELECT n FROM a) DELETE FROM topics",
        "delete topics");
    row("BEGIN;", "begin none");
    row("(SELECT * FROM a) UNION (SELECT * FROM b)", "select a");
    row("SELECT 1; DELETE FROM items", "select none");
    row("EXPLAIN SELECT * FROM items", "explain none");
    row("FROBNICATE items", "other none");
    row("SELECT $1 FROM t$able", "select t$able");
    row("SELECT 1.5e3FROM items", "select none");
}

void TestExporterSqlSummary::findsOperationAndTable()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, summary);

    const SqlSummary found = summarizeSql({sql.constData(), static_cast<std::size_t>(sql.size())});

    QCOMPARE(QByteArray::fromStdString(found.operation + ' ' + found.table), summary);
}

void TestExporterSqlSummary::endsWithWhateverIsGiven()
{
    const std::string pieces[]{"\"", "'",       "$$",      "$a$",   "/*",    "*/", "--",  "(",
                               ")",  "select ", "from ",   "with ", "e'",    "\\", "\n",  ".",
                               ",",  ";",       "update ", "\xff",  "into ", "1",  "as ", "x"};
    unsigned state = 1;
    for (int round = 0; round < 20'000; ++round) {
        std::string sql;
        for (int i = 0; i < 12; ++i) {
            state = state * 1664525 + 1013904223;
            sql += pieces[(state >> 16) % std::size(pieces)];
        }
        const SqlSummary found = summarizeSql(sql);
        QVERIFY(!found.operation.empty());
    }
    QCOMPARE(summarizeSql(std::string(1 << 20, '(')).table, std::string("none"));
    QCOMPARE(summarizeSql("SELECT * FROM " + std::string(1000, 'x')).table.size(), std::size_t(63));
}

QTEST_GUILESS_MAIN(TestExporterSqlSummary)
#include "tst_exporter_sql_summary.moc"
