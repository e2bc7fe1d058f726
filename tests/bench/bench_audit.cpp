#include "core/observability/audit.h"
#include "core/observability/audit_verify.h"
#include "support/cpu_time.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

using namespace trendscope::observability;
namespace fs = std::filesystem;

namespace {

constexpr int syncedRecords = 500;
constexpr int verifiedRecords = 300'000;

double seconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void record(AuditLog &log)
{
    if (!log.apiAccess({.endpoint = "/api/v1/trends/{id}",
                        .method = "GET",
                        .statusCode = 200,
                        .user = "user_456",
                        .ipAddress = "10.0.0.1"},
                       {{"trend_id", 4711}, {"reason", "export for the weekly report"}}))
        qFatal("a record was not written");
}

void print(const char *name, double value, double limit)
{
    std::printf("%s %.2f %.2f\n", name, value, limit);
}

} // namespace

/// What the chain and the seal cost beside the disk's own time, and how fast they are verified.
class BenchAudit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesThrough();
    void verifies();

private:
    QTemporaryDir m_directory; // on a disk: in memory there is nothing to sync
};

void BenchAudit::writesThrough()
{
    const std::string folder = m_directory.path().toStdString();
    const std::string line = std::string(499, 'x') + '\n';
    const int bare = ::open((folder + "/bare").c_str(), O_WRONLY | O_APPEND | O_CREAT, 0640);
    const double bareTime = best(
        [&] {
            for (int i = 0; i < syncedRecords; ++i) {
                if (::write(bare, line.data(), line.size()) < 0 || ::fdatasync(bare) != 0)
                    qFatal("the disk is full");
            }
        },
        seconds);
    ::close(bare);
    auto log = AuditLog::open({.file = folder + "/audit.log"});
    QVERIFY(log.has_value());
    const double time = best(
        [&] {
            for (int i = 0; i < syncedRecords; ++i)
                record(*log);
        },
        seconds);
    const double sharedTime = best(
        [&] {
            std::vector<std::thread> threads;
            for (int thread = 0; thread < 8; ++thread) {
                threads.emplace_back([&] {
                    for (int i = 0; i < syncedRecords / 8; ++i)
                        record(*log);
                });
            }
            for (std::thread &thread : threads)
                thread.join();
        },
        seconds);

    std::printf("audit_records_per_second %.0f\n", syncedRecords / time);
    std::printf("bare_write_and_fdatasync_per_second %.0f\n", syncedRecords / bareTime);
    print("audit_record_time_to_bare_write_and_fdatasync", time / bareTime, 1.5);
    print("audit_record_time_of_8_threads_to_bare", sharedTime / bareTime, 1.0);
}

void BenchAudit::verifies()
{
    const fs::path key = m_directory.filePath(QStringLiteral("key")).toStdString();
    std::ofstream(key) << "0123456789abcdef0123456789abcdef";
    const fs::path file = m_directory.filePath(QStringLiteral("large.log")).toStdString();
    {
        auto log =
            AuditLog::open({.file = file, .keyFile = key, .syncWithin = std::chrono::hours(1)});
        QVERIFY(log.has_value());
        for (int i = 0; i < verifiedRecords; ++i)
            record(*log);
    }
    const double megabytes = static_cast<double>(fs::file_size(file)) / 1e6;
    const double time = best([&] {
        const auto report = verifyAuditLog({.files = {file}, .keyFile = key});
        if (!report || report->problemCount != 0 || report->records != verifiedRecords)
            qFatal("it does not verify");
    });
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    const std::string bytes = text.str();
    const double hashTime = best([&] {
        std::array<unsigned char, 32> hash{};
        if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), hash.data(),
                         nullptr)
            != 1)
            qFatal("no hash");
    });

    std::printf("audit_verify_megabytes_per_second %.0f 200\n", megabytes / time);
    std::printf("sha256_megabytes_per_second %.0f\n", megabytes / hashTime);
    std::printf("audit_bytes_per_record %.0f\n", megabytes * 1e6 / verifiedRecords);
}

QTEST_GUILESS_MAIN(BenchAudit)
#include "bench_audit.moc"
