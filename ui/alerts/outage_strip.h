#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

namespace trendscope::ui {

class CompactButton;

/// One line over a list that is no longer fresh: of when it is, and why.
class OutageStrip final : public QWidget {
    Q_OBJECT

public:
    explicit OutageStrip(const Theme &theme, QWidget *parent = nullptr);

    void showMessage(const QString &message); ///< plain text; elided, whole in the tool tip

Q_SIGNALS:
    void retryRequested();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    QString m_message;
    CompactButton *m_retry;
};

} // namespace trendscope::ui
