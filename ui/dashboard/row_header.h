#pragma once

#include "ui/theme/theme.h"

#include <QAbstractButton>

namespace trendscope::ui {

/// The heading of a row of panels; checked: its panels are shown.
class RowHeader final : public QAbstractButton {
    Q_OBJECT

public:
    RowHeader(const QString &title, bool isExpanded, const Theme &theme, QWidget *parent);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
};

} // namespace trendscope::ui
