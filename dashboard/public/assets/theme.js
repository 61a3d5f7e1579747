// Before anything is drawn: the theme that was chosen here, if one was.
try {
  const theme = localStorage.getItem('pyncette-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to us: the system's theme it is.
}
