"""The .proto files, which are the public interface, and the script that generates Python code from them."""
