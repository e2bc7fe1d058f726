#pragma once

#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace trendscope::ui {

/// A button of the left rail: an icon, a mark when it is the current page, a count when something
/// wants attention.
class RailButton final : public QAbstractButton {
    Q_OBJECT

public:
    RailButton(QString icon, const QString &name, const Theme &theme, QWidget *parent);

    void setCount(int count); ///< 0: none
    void setIconName(const QString &icon);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    QString m_icon;
    QString m_name;
    const Theme &m_theme;
    int m_count = 0;
};

/// The left rail: one button for each page, and those at the bottom that open none.
class Rail final : public QWidget {
    Q_OBJECT

public:
    explicit Rail(const Theme &theme, QWidget *parent = nullptr);

    /// `shortcut` is written into the tool tip.
    RailButton *addPage(const QString &icon, const QString &name, const QString &shortcut);
    RailButton *addAction(const QString &icon, const QString &name);

    void setCurrent(int page);

Q_SIGNALS:
    void pageRequested(int page); ///< in the order of addPage

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    QButtonGroup *m_pages;
    QVBoxLayout *m_top;
    QVBoxLayout *m_bottom;
};

} // namespace trendscope::ui
