"""What `import seawall` answers with (floor 10): results that draw themselves in a notebook."""
