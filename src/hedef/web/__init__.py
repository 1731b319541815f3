"""The shell: layout, navigation, sign-in, components, static files and error pages."""
