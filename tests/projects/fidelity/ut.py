import unittest
class T(unittest.TestCase):
    def test_a(self): self.assertEqual(1, 2)
    def test_b(self): pass
if __name__ == "__main__": unittest.main(argv=["x", "-q"], failfast=False)
