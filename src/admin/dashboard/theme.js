// Before anything is painted: the theme that was chosen last, so that no page flashes in the other one.
(function () {
    try {
        const theme = localStorage.getItem('halcyon.theme');
        if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    } catch {
        // Storage may be switched off: then the system's theme it is.
    }
})();
