#pragma once

#include <QTemporaryFile>

#include <unistd.h>

namespace test {

/// Takes what the process writes to stderr while it lives.
class StderrCapture {
public:
    StderrCapture()
        : m_isOpen(m_file.open())
        , m_before(::dup(STDERR_FILENO))
    {
        ::dup2(m_file.handle(), STDERR_FILENO);
    }
    ~StderrCapture()
    {
        ::dup2(m_before, STDERR_FILENO);
        ::close(m_before);
    }
    StderrCapture(const StderrCapture &) = delete;
    StderrCapture &operator=(const StderrCapture &) = delete;

    QByteArray text()
    {
        if (!m_isOpen)
            return "stderr can not be captured";
        // Through its own description: reading moves no offset that stderr shares.
        QFile file(m_file.fileName());
        return file.open(QIODevice::ReadOnly) ? file.readAll() : "stderr can not be read";
    }

private:
    QTemporaryFile m_file;
    bool m_isOpen;
    int m_before;
};

} // namespace test
