// Asio and Beast are compiled once, here: the development servers share nothing with the product's rooms.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
