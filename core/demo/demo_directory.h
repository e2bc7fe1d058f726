#pragma once

#include "core/result.h"

#include <QString>

namespace trendscope::demo {

/// A private directory (mode 0700) for one run of the demo, below $TMPDIR or /tmp; removed with
/// this object.
///
/// A lock on the marker file inside is held for as long as the process lives, however it ends. So
/// the next demo knows which directories a killed one left behind.
class DemoDirectory {
public:
    /// Also removes what killed demos of this user left. Errors: System, also for a $TMPDIR that is
    /// no directory.
    static Result<DemoDirectory> create();

    /// Removes directories of this user whose marker is there and not locked; returns how many.
    /// Follows no symbolic link, and leaves alone everything that has no marker file.
    static int removeAbandoned();

    DemoDirectory(DemoDirectory &&other) noexcept;
    DemoDirectory &operator=(DemoDirectory &&other) noexcept;
    ~DemoDirectory();

    const QString &path() const { return m_path; }
    QString filePath(const QString &name) const;

private:
    DemoDirectory(QString path, int lock);
    void remove();

    QString m_path; ///< empty when moved from
    int m_lock;     ///< descriptor of the marker file
};

} // namespace trendscope::demo
