#pragma once

#include <QProcess>
#include <QString>

namespace trendscope::test {

/// Makes certificates in `folder`, each with its .pem and .key, by the program openssl: two
/// authorities, ca and stranger; of ca a server for 127.0.0.1 and a client; of stranger a client
/// imposter. What openssl says where it fails; empty otherwise.
inline QByteArray makeCertificates(const QString &folder)
{
    const char *const script =
        "set -e\n"
        "ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        " -subj /CN=$1 -keyout $1.key -out $1.pem; }\n"
        "leaf() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        " -subj /CN=$1 -keyout $1.key -out $1.csr\n"
        "  echo \"$3\" > $1.ext\n"
        "  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 2"
        " -extfile $1.ext -out $1.pem; }\n"
        "ca ca; ca stranger\n"
        "leaf server ca subjectAltName=IP:127.0.0.1\n"
        "leaf client ca extendedKeyUsage=clientAuth\n"
        "leaf imposter stranger extendedKeyUsage=clientAuth\n";
    QProcess shell;
    shell.setWorkingDirectory(folder);
    shell.start(QStringLiteral("bash"), {QStringLiteral("-c"), QString::fromLatin1(script)});
    if (!shell.waitForFinished())
        return "openssl does not end";
    return shell.exitCode() == 0 ? QByteArray() : shell.readAllStandardError() + "openssl failed";
}

// Of "secret", as web configurations have it.
inline const QByteArray secretHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

} // namespace trendscope::test
